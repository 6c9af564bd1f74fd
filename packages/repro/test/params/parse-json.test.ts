import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'node:test';
import { InputError } from '../../src/errors.ts';
import { parseJson } from '../../src/params/parse-json.ts';

const mistakes: readonly [text: string, message: string][] = [
  ['', 'f.json:1:1: the end of the file: expected a value'],
  ['{"a": 1,}', 'f.json:1:9: "}": expected a member name in double quotes'],
  ['{"a": 1\n "b": 2}', 'f.json:2:2: "\\"": expected "," between members or elements'],
  ['{"a" 1}', 'f.json:1:6: "1": expected ":" after a member name'],
  ["{'a': 1}", `f.json:1:2: "'": expected a value`],
  ['[1, 2', 'f.json:1:6: the end of the file: expected "]"'],
  ['[1, 2\n}', 'f.json:2:1: "}": expected "," between members or elements'],
  ['{"a": NaN}', 'f.json:1:7: NaN is not JSON: expected a finite number, or null'],
  ['{"a": "line\nbreak"}', 'f.json:1:7: "\\"": expected a string in double quotes, on one line'],
  ['1 2', 'f.json:1:3: "2": expected nothing after the value'],
  ['// no comments\n1', 'f.json:1:1: "/": expected no comment'],
  ['{"a": 1,\n "a": 2}', 'f.json:2:2: "a" is there twice: expected each member once'],
  ['{"b": {"a": 1}, "a": 1e400}', 'f.json:1:22: 1e400: expected a number up to 1.8e308'],
  [
    '[9007199254740993]',
    'f.json:1:2: 9007199254740993: expected a whole number up to 9007199254740991: larger ones are rounded',
  ],
  ['1e-400', 'f.json:1:1: 1e-400: expected 0, or a number from 4.9e-324 on: smaller ones are rounded'],
  [
    '123456789012345678901',
    'f.json:1:1: 123456789012345678901: expected a whole number up to 9007199254740991: larger ones are rounded',
  ],
  ['['.repeat(100_000), 'f.json:1:65: expected at most 64 levels of nesting'],
  ['{"a":'.repeat(100_000), 'f.json:1:321: expected at most 64 levels of nesting'],
];
for (const [text, message] of mistakes) {
  test(`${JSON.stringify(text).slice(0, 60)} is told by line and column`, () => {
    assert.throws(() => parseJson(text, 'f.json'), new InputError(message));
  });
}

test('reads what JSON.parse reads', () => {
  const json = fc.json().filter((text) => !/\d{16}/.test(text));
  fc.assert(fc.property(json, (text) => assert.deepEqual(parseJson(text, 'f.json'), JSON.parse(text))));
});

test('a large whole number is read where nothing of it is lost: as JavaScript writes it, or exact', () => {
  for (const text of ['1000000000000000000', '123456789012345680000', '123456789012345683968', '-0.0', '0e5', '5e-324'])
    assert.equal(parseJson(text, 'f.json'), Number(text));
});

test('of any text cut short, the place told is its end or before, and the error is for the user', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 3 }), fc.nat(), (text, at) => {
      const cut = text.slice(0, at % text.length);
      try {
        JSON.parse(cut);
      } catch {
        assert.throws(() => parseJson(cut, 'f.json'), /^InputError: f\.json:\d+:\d+: .*: expected /s);
      }
    }),
  );
});

test('of a valid text with one character too many, some place is told', () => {
  fc.assert(
    fc.property(
      fc.json({ maxDepth: 3 }),
      fc.nat(),
      fc.constantFrom('}', ']', ',', ':', '"', 'x'),
      (text, at, extra) => {
        const position = at % (text.length + 1);
        const wrong = text.slice(0, position) + extra + text.slice(position);
        try {
          JSON.parse(wrong);
        } catch {
          assert.throws(
            () => parseJson(wrong, 'f.json'),
            (error: Error) => {
              const [, line, column] = /^f\.json:(\d+):(\d+): /.exec(error.message)!;
              return Number(line) >= 1 && Number(column) >= 1 && Number(column) <= wrong.length + 1;
            },
          );
        }
      },
    ),
  );
});
