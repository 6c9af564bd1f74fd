import { printParseErrorCode, visit } from 'jsonc-parser';
import { InputError } from '../errors.ts';
import { json, terminalLine } from '../escape.ts';

/** The text is not JSON at all, as opposed to JSON with a value that cannot be meant. */
export class JsonSyntaxError extends InputError {}

/** Deeper than any parameter; far less than what overflows a stack. */
const deepest = 64;

/**
 * Parses JSON that a person wrote. Throws an InputError `file:line:column: what was found: what was expected`, also for
 * what JSON.parse takes and changes: a member that is there twice, a number that a double cannot hold, endless nesting.
 */
export function parseJson(text: string, file: string): unknown {
  refuse(text, file);
  try {
    return JSON.parse(text);
  } catch (error) {
    // What the parser below passes over, such as a byte order mark.
    throw new JsonSyntaxError(`${file}: ${terminalLine((error as Error).message)}: expected JSON`);
  }
}

function refuse(text: string, file: string): void {
  const at = (offset: number): string => {
    const before = text.slice(0, offset).split('\n');
    return `${file}:${before.length}:${before.at(-1)!.length + 1}`;
  };
  const members: Set<string>[] = [];
  let depth = 0;
  const open = (offset: number): void => {
    if (++depth > deepest) throw new InputError(`${at(offset)}: expected at most ${deepest} levels of nesting`);
  };
  visit(
    text,
    {
      onObjectBegin: (offset) => {
        open(offset);
        members.push(new Set());
      },
      onObjectEnd: () => {
        depth--;
        members.pop();
      },
      onArrayBegin: open,
      onArrayEnd: () => void depth--,
      onObjectProperty: (name, offset) => {
        const known = members.at(-1)!;
        if (known.has(name))
          throw new InputError(`${at(offset)}: ${json(name)} is there twice: expected each member once`);
        known.add(name);
      },
      onLiteralValue: (value: unknown, offset, length) => {
        if (typeof value !== 'number') return;
        const written = text.slice(offset, offset + length);
        const problem = numberProblem(value, written);
        if (problem) throw new InputError(`${at(offset)}: ${shortened(written)}: ${problem}`);
      },
      onError: (code, offset) => {
        // Python writes them, and no other program reads them.
        const constant = /^(NaN|-?Infinity)/.exec(text.slice(offset, offset + 9))?.[0];
        if (constant !== undefined)
          throw new JsonSyntaxError(`${at(offset)}: ${constant} is not JSON: expected a finite number, or null`);
        const found = offset >= text.length ? 'the end of the file' : json(text[offset]);
        throw new JsonSyntaxError(
          `${at(offset)}: ${found}: expected ${expected[printParseErrorCode(code)] ?? 'a value'}`,
        );
      },
    },
    { disallowComments: true, allowTrailingComma: false },
  );
}

/** A sign and the digits of the largest number. */
const longestExact = 310;

/** What is wrong with a number that was read as `value`. */
function numberProblem(value: number, written: string): string | undefined {
  if (!Number.isFinite(value)) return 'expected a number up to 1.8e308';
  if (value === 0 && /^[^eE]*[1-9]/.test(written))
    return 'expected 0, or a number from 4.9e-324 on: smaller ones are rounded';
  // A larger number that a program wrote, such as 1e18 in JavaScript, is spelt as it is read, or exact.
  const isRounded =
    /^-?\d+$/.test(written) &&
    !Number.isSafeInteger(value) &&
    String(value) !== written &&
    (written.length > longestExact || BigInt(value) !== BigInt(written));
  return isRounded ? `expected a whole number up to ${Number.MAX_SAFE_INTEGER}: larger ones are rounded` : undefined;
}

/** By jsonc-parser's name of the mistake; for any other, a value is expected. */
const expected: Readonly<Record<string, string>> = {
  PropertyNameExpected: 'a member name in double quotes',
  ColonExpected: '":" after a member name',
  CommaExpected: '"," between members or elements',
  CloseBraceExpected: '"}"',
  CloseBracketExpected: '"]"',
  EndOfFileExpected: 'nothing after the value',
  InvalidCommentToken: 'no comment',
  InvalidCharacter: 'a string in double quotes, on one line',
  UnexpectedEndOfString: 'a string in double quotes, on one line',
  InvalidEscapeCharacter: 'a string in double quotes, on one line',
  InvalidUnicode: 'a string in double quotes, on one line',
};

function shortened(text: string): string {
  return text.length > 40 ? `${text.slice(0, 37)}...` : text;
}
