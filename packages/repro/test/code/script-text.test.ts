import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scriptText } from '../../src/code/script-text.ts';

const same = (path: string, a: string, b: string): void =>
  assert.equal(scriptText(path, a), scriptText(path, b), `${a}\n---\n${b}`);
const other = (path: string, a: string, b: string): void =>
  assert.notEqual(scriptText(path, a), scriptText(path, b), `${a}\n---\n${b}`);

test('comments, blank lines and trailing spaces of Python do not count; all else does', () => {
  same('a.py', 'x = 1  # one\n\n# two\ny = 2\n', 'x = 1\ny = 2   # three\n');
  same('a.py', "s = '#'  # no\nt = 'it\\'s #'  # no\n", "s = '#'\nt = 'it\\'s #'\n");
  same('a.py', '"""doc # kept\n\n  end"""  # gone\n', '"""doc # kept\n\n  end"""\n');
  other('a.py', "s = '# a'\n", "s = '# b'\n");
  other('a.py', '"""a\n# x\n"""\n', '"""a\n# y\n"""\n');
  other('a.py', '"""a\n\n"""\n', '"""a\n"""\n');
  other('a.py', 'if x:\n  y\n', 'if x:\n    y\n');
  other('a.py', 's = f"{d["#a"]}"\n', 's = f"{d["#b"]}"\n');
  other('a.py', "s = 'a\\\n#b'\n", "s = 'a\\\n#c'\n");
  other('a.py', '# -*- coding: latin-1 -*-\nx\n', 'x\n');
  other('a.py', '#!/usr/bin/python3\nx\n', 'x\n');
});

test('the same of R, unless it has raw strings; other files count as they are', () => {
  same('a.R', "x <- '#' # one\n", "x <- '#'\n");
  other('a.R', 'x <- "a\n# b"\n', 'x <- "a\n# c"\n');
  other('a.R', 'x <- r"(# a)" # one\n', 'x <- r"(# a)"\n');
  other('a.sh', 'x # one\n', 'x\n');
});
