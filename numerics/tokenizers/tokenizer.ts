/** A model's own tokenizer, from the files of its repository: byte-level byte-pair encoding in all four families. */
import { Tokenizer } from '@huggingface/tokenizers';
import { oneLine, parseForeignJson } from '../foreign/json.ts';
import { quoted } from '../foreign/quoted.ts';
import { normalFormC } from './normal-form-c.ts';

/** Text to token ids. */
export interface TextTokenizer {
  /** `special`: whether the tokens that the model wants around every text are added, such as OPT's leading `</s>`. */
  encode(text: string, options: { special: boolean }): Int32Array;
}

type Json = Readonly<Record<string, unknown>>;

/** What is used of the library, whose own declarations Node's resolution of modules does not find. */
type LibraryTokenizer = new (
  definition: Json,
  settings: Json,
) => {
  readonly normalizer: LibraryNormalizer | null;
  encode(
    text: string,
    options: { add_special_tokens: boolean; return_token_type_ids: false },
  ): { readonly ids: readonly number[] };
};

interface LibraryNormalizer {
  readonly form?: string;
  readonly normalizers?: readonly LibraryNormalizer[];
  normalize(text: string): string;
}
const LibraryTokenizer = Tokenizer as unknown as LibraryTokenizer;

/**
 * From tokenizer.json, or, where a repository has none, from vocab.json and merges.txt as GPT-2's are, with the special
 * tokens of special_tokens_map.json and tokenizer_config.json. `files`: the files' text by name; `name` names them in errors.
 */
export function textTokenizer(files: Readonly<Record<string, string>>, name: string): TextTokenizer {
  const settings = files['tokenizer_config.json'] === undefined ? {} : parse(files, 'tokenizer_config.json', name);
  const definition =
    files['tokenizer.json'] === undefined ? fromMerges(files, settings, name) : parse(files, 'tokenizer.json', name);
  const model = (definition.model ?? {}) as Json;
  const kind = model.type ?? untypedKind(model);
  if (kind !== 'BPE')
    throw new Error(
      `${name}: tokenizer.json: model.type = ${quoted(JSON.stringify(kind) ?? 'nothing')
        .slice(1, -1)
        .replaceAll('\\"', '"')}: expected "BPE"`,
    );
  const tokenizer = named(
    name,
    () =>
      new LibraryTokenizer(
        { ...definition, model: { ...model, type: kind }, pre_tokenizer: spelledOut(definition.pre_tokenizer) },
        {},
      ),
  );
  byOwnTables(tokenizer.normalizer);
  return {
    encode: (text, { special }) =>
      named(name, () =>
        Int32Array.from(tokenizer.encode(text, { add_special_tokens: special, return_token_type_ids: false }).ids),
      ),
  };
}

/** Older versions of the library wrote no type, as GPT-2's files show: what has merges is byte-pair encoding. */
function untypedKind({ vocab, merges }: Json): string | undefined {
  return typeof vocab === 'object' && Array.isArray(merges) ? 'BPE' : undefined;
}

/** Normalises by the tables of the reference library, not by those of the Node at hand. */
function byOwnTables(normalizer: LibraryNormalizer | null): void {
  if (!normalizer) return;
  if (normalizer.form === 'NFC') normalizer.normalize = normalFormC;
  else if (normalizer.form !== undefined) throw new Error(`normalizer ${normalizer.form}: expected NFC`);
  normalizer.normalizers?.forEach(byOwnTables);
}

/** Oniguruma's \s: Unicode's white space, of which JavaScript's lacks U+0085, while it has U+FEFF. */
const space = '\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';

/** The words of GPT-2, as the reference library's ByteLevel has them built in. */
const gpt2Words = `'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^${space}\\p{L}\\p{N}]+|[${space}]+(?![^${space}])|[${space}]+`;

/** Pre-tokenizers with the words of GPT-2 spelled out as a pattern, for the library's own takes JavaScript's \s. */
function spelledOut(preTokenizer: unknown): unknown {
  const { type, ...rest } = (preTokenizer ?? {}) as Json;
  if (type === 'Sequence') return { type, ...rest, pretokenizers: (rest.pretokenizers as unknown[]).map(spelledOut) };
  if (type === 'Split' && typeof (rest.pattern as Json).Regex === 'string')
    return { type, ...rest, pattern: { Regex: withSpace((rest.pattern as { Regex: string }).Regex) } };
  if (type !== 'ByteLevel' || rest.use_regex === false || rest.add_prefix_space === true) return preTokenizer;
  return {
    type: 'Sequence',
    pretokenizers: [
      { type: 'Split', pattern: { Regex: gpt2Words }, behavior: 'Isolated', invert: false },
      { type, ...rest, use_regex: false },
    ],
  };
}

/** A pattern with \s and \S written as the characters they stand for. */
function withSpace(pattern: string): string {
  let inClass = false;
  return pattern.replace(/\\.|[[\]]/gs, (piece) => {
    if (piece === '[' || piece === ']') inClass = piece === '[';
    if (piece === '\\s') return inClass ? space : `[${space}]`;
    return piece === '\\S' && !inClass ? `[^${space}]` : piece;
  });
}

const endOfText = '<|endoftext|>';

/** The definition that the reference library makes of GPT-2's older files. */
function fromMerges(files: Readonly<Record<string, string>>, settings: Json, name: string): Json {
  if (files['vocab.json'] === undefined || files['merges.txt'] === undefined) {
    throw new Error(
      `${name}: has ${Object.keys(files).sort().join(', ') || 'no file'}: expected tokenizer.json, or vocab.json and merges.txt`,
    );
  }
  const vocab = parse(files, 'vocab.json', name) as Readonly<Record<string, number>>;
  const merges = files['merges.txt'].split('\n').filter((line) => line !== '' && !line.startsWith('#version'));
  const map = {
    ...(files['special_tokens_map.json'] === undefined ? {} : parse(files, 'special_tokens_map.json', name)),
    ...settings,
  };
  const content = (value: unknown): string | undefined =>
    typeof value === 'string'
      ? value
      : typeof value === 'object' && value !== null
        ? content((value as Json).content)
        : undefined;
  // What the reference library takes GPT-2's special tokens to be where its files do not say.
  const otherwise = vocab[endOfText] === undefined ? [] : endOfText;
  const special = new Set([
    ...['bos_token', 'eos_token', 'unk_token'].flatMap((key) => content(map[key]) ?? otherwise),
    ...['pad_token'].flatMap((key) => content(map[key]) ?? []),
  ]);
  const added = [...special].map((token) => {
    const id = vocab[token];
    if (id === undefined) throw new Error(`${name}: vocab.json: no id of the special token ${quoted(token)}`);
    return { id, content: token, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
  });
  const first = map.add_bos_token === true ? content(map.bos_token) : undefined;
  const processor =
    first === undefined
      ? { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: true }
      : {
          type: 'TemplateProcessing',
          single: [{ SpecialToken: { id: first, type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
          pair: [],
          special_tokens: { [first]: { id: first, ids: [vocab[first]], tokens: [first] } },
        };
  return {
    added_tokens: added,
    normalizer: null,
    pre_tokenizer: {
      type: 'ByteLevel',
      add_prefix_space: map.add_prefix_space === true,
      trim_offsets: true,
      use_regex: true,
    },
    post_processor: processor,
    decoder: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: '',
      end_of_word_suffix: '',
      fuse_unk: false,
      byte_fallback: false,
      vocab,
      merges,
    },
  };
}

/** What the library says of a definition that it cannot use, in one line. */
function named<T>(name: string, use: () => T): T {
  try {
    return use();
  } catch (error) {
    throw new Error(`${name}: the tokenizer cannot be used: ${oneLine((error as Error).message)}`, { cause: error });
  }
}

function parse(files: Readonly<Record<string, string>>, file: string, name: string): Json {
  let value: unknown;
  try {
    value = parseForeignJson(files[file]!);
  } catch (error) {
    throw new Error(`${name}: ${file}: ${(error as Error).message}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error(`${name}: ${file}: expected an object`);
  return value as Json;
}
