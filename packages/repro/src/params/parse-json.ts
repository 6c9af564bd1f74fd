import { InputError } from '../errors.ts';

/** Parses JSON that a person wrote. Throws an InputError `file:line:column: what was expected`. */
export function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const { offset, expected } = locateJsonError(text);
    const before = text.slice(0, offset).split('\n');
    const found = offset >= text.length ? 'the end of the file' : JSON.stringify(text[offset]);
    throw new InputError(`${file}:${before.length}:${before.at(-1)!.length + 1}: ${found}: expected ${expected}`);
  }
}

/** Where the text stops being JSON: engines word this differently, or not at all. */
function locateJsonError(text: string): { offset: number; expected: string } {
  let at = 0;
  class Stop extends Error {
    constructor(readonly expected: string) {
      super();
    }
  }
  const space = (): void => {
    while (at < text.length && ' \t\n\r'.includes(text[at]!)) at++;
  };
  const token = (pattern: RegExp, expected: string): void => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (!match) throw new Stop(expected);
    at += match[0].length;
  };
  const string = (): void => token(/"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y, 'a string in double quotes');
  const list = (close: string, item: () => void, what: string): void => {
    at++;
    space();
    if (text[at] === close) return void at++;
    for (;;) {
      space();
      item();
      space();
      if (text[at] === close) return void at++;
      if (text[at] !== ',') throw new Stop(`"," or "${close}" after ${what}`);
      at++;
    }
  };
  const value = (): void => {
    space();
    const first = text[at];
    if (first === '{') {
      list('}', () => {
        string();
        space();
        if (text[at] !== ':') throw new Stop('":" after a member name');
        at++;
        value();
      }, 'a member');
    } else if (first === '[') list(']', value, 'an element');
    else if (first === '"') string();
    else token(/true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y, 'a value');
  };
  try {
    value();
    space();
    return { offset: at, expected: 'nothing after the value' };
  } catch (error) {
    if (error instanceof Stop) return { offset: at, expected: error.expected };
    throw error;
  }
}
