import { limited } from '../foreign/limited.ts';
import { textTokenizer } from './tokenizer.ts';

interface Start {
  readonly files: Readonly<Record<string, string>>;
  readonly name: string;
}

interface Question {
  readonly text: string;
  readonly special: boolean;
}

const open = await limited('tokenizer', ({ files, name }: Start) => {
  const tokenizer = textTokenizer(files, name);
  return ({ text, special }: Question) => tokenizer.encode(text, { special });
});

/** A tokenizer under limits: its patterns and vocabulary come from elsewhere, and so do the texts. */
export interface LimitedTokenizer {
  /** Ids of one text. Throws an Error of one line where the tokenizer is none, or the limits are reached. */
  encode(text: string, options: { readonly special: boolean }): Promise<Int32Array>;
  close(): Promise<void>;
}

/** Like `textTokenizer`, of which see the files; what is wrong with these is said by the first `encode`. */
export function limitedTokenizer(
  files: Readonly<Record<string, string>>,
  name: string,
  { megabytes = 768, seconds = 60 }: { readonly megabytes?: number; readonly seconds?: number } = {},
): LimitedTokenizer {
  const advice = 'a text is too long for it, or one of its patterns takes time that grows exponentially with the text';
  const process = open({ files, name }, { name, advice, megabytes, seconds });
  return {
    encode: (text, { special }) => process.ask({ text, special }),
    close: () => process.close(),
  };
}
