import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { commandCode } from '../../src/code/command-code.ts';
import { scriptText } from '../../src/code/script-text.ts';
import type { StageDeclaration } from '../../src/graph/declaration.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

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
  other('a.py', 'x = 1 # a\rx = 2\n', 'x = 1 # a\rx = 3\n');
  other('a.py', 's = "a\\\r\n# b"\r\n', 's = "a\\\r\n# c"\r\n');
  other('a.py', 'x = 1 \\\n\n-2\n', 'x = 1 \\\n-2\n');
  other('a.py', 'x = 1 \\\n# one\n-2\n', 'x = 1 \\\n-2\n');
  same('a.py', 'x = 1 # one\r\n', 'x = 1 # two\r\n');
});

test('the same of R, unless it has raw strings; other files count as they are', () => {
  same('a.R', "x <- '#' # one\n", "x <- '#'\n");
  other('a.R', 'x <- "a\n# b"\n', 'x <- "a\n# c"\n');
  other('a.R', 'x <- r"(# a)" # one\n', 'x <- r"(# a)"\n');
  other('a.R', 'a %#% b\n', 'a %#% c\n');
  other('a.R', 'a %"% "# b"\n', 'a %"% "# c"\n');
  same('a.R', 'a %% 2 # %\n', 'a %% 2\n');
  other('a.R', 'x # a\rx\n', 'x # a\ry\n');
  other('a.sh', 'x # one\n', 'x\n');
});

test('comments that say what is installed, or of which a report or a notebook is made, count', () => {
  const script = (version: string): string =>
    `#!/usr/bin/env -S uv run\n# a\n# /// script\n# dependencies = ["numpy==${version}"]\n# ///\n# b\nx = 1\n`;
  other('a.py', script('1.26'), script('2.1'));
  same('a.py', script('2.1'), script('2.1').replace('# a\n', '').replace('# b', '# c'));
  same('a.py', 's = """\n# /// x\n"""\n# a\n', 's = """\n# /// x\n"""\n# b\n');
  other('a.py', '# %% [markdown]\n# one\n\n# two\n# %%\nx\n', '# %% [markdown]\n# one\n\n# three\n# %%\nx\n');
  same('a.py', '# %% [markdown]\n# one\n# %%\nx # a\n', '# %% [markdown]\n# one\n# %%\nx # b\n');
  other('a.py', '# cython: boundscheck=True\nx\n', '# cython: boundscheck=False\nx\n');
  other('a.py', '#pythran export f(int)\nx\n', '#pythran export f(float)\nx\n');
  other('a.R', "#' The first\nx\n", "#' The second\nx\n");
  other('a.R', '#+ fig.width=3\nx\n', '#+ fig.width=4\nx\n');
  same('a.R', '#-----\nx\n', '# ===\nx\n');
});

test('a script in another encoding than UTF-8 counts by its bytes', async () => {
  using directory = temporaryDirectory();
  const command = { files: ['a.py'], programs: new Set(['cat']) };
  const digest = async (letter: number): Promise<string> => {
    const text = Buffer.from(`# coding: latin-1\nx = "?"\n`);
    text[text.indexOf('?')] = letter;
    writeFileSync(join(directory.path, 'a.py'), text);
    return (await commandCode(directory.path, { name: 'a', command, outputs: {} } as unknown as StageDeclaration))
      .digest;
  };
  assert.notEqual(await digest(0xe8), await digest(0xe9));
});

test('of scripts, those interpreters count that start them or that they start', async () => {
  using directory = temporaryDirectory();
  const programs = async (files: Record<string, string>, program: string): Promise<string[]> => {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(directory.path, name), text);
    const command = { files: Object.keys(files), programs: new Set([program]) };
    const code = await commandCode(directory.path, { name: 'a', command, outputs: {} } as unknown as StageDeclaration);
    return Object.keys(code.packages);
  };
  const node = { 'run.sh': 'node fit.mjs\n', 'fit.mjs': '' };
  assert.deepEqual(await programs(node, 'sh'), ['node']);
  assert.deepEqual(await programs(node, 'cat'), []);
  const script = '#!/usr/bin/env node\n';
  for (const path of ['run.mjs', './run.mjs'])
    assert.deepEqual(await programs({ [path]: script }, './run.mjs'), ['node'], `declared as ${path}`);
});

test('packages of the project count that a script of Node imports: it finds them in the folders above its own', async () => {
  using directory = temporaryDirectory();
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(directory.path, path)), { recursive: true });
    writeFileSync(join(directory.path, path), text);
  };
  const install = (version: string): void => {
    put('node_modules/sums/package.json', JSON.stringify({ version, dependencies: { deep: '*' } }));
    put('node_modules/sums/index.js', `// ${version}`);
    put('node_modules/deep/package.json', JSON.stringify({ version }));
  };
  put('fit.mjs', "import { readFileSync } from 'node:fs';\nimport './more.cjs';\n");
  const codeOf = (program: string) => {
    const command = { files: ['fit.mjs', 'more.cjs'], programs: new Set([program]) };
    return commandCode(directory.path, { name: 'a', command, outputs: {} } as unknown as StageDeclaration);
  };
  for (const imports of ["require('sums')", "import('sums/part')", "export * from 'sums'"]) {
    put('more.cjs', imports);
    install('1.0.0');
    const before = await codeOf('node');
    assert.deepEqual(Object.keys(before.packages).sort(), ['node', 'node: deep', 'node: sums'], imports);
    install('2.0.0');
    assert.notEqual((await codeOf('node')).digest, before.digest, imports);
  }
  assert.deepEqual((await codeOf('cat')).packages, {});
  put('more.cjs', '');
  assert.deepEqual(Object.keys((await codeOf('node')).packages), ['node']);
});

test('of programs that look for a project in the folders above, the files count by which they go', async () => {
  using directory = temporaryDirectory();
  const put = (path: string, text: string): void => writeFileSync(join(directory.path, path), text);
  const packagesOf = async (program: string): Promise<Readonly<Record<string, string>>> => {
    const command = { files: ['fit.py', 'run.sh'], programs: new Set([program]) };
    const code = await commandCode(directory.path, { name: 'a', command, outputs: {} } as unknown as StageDeclaration);
    return code.packages;
  };
  put('fit.py', '');
  put('run.sh', '');
  put('uv.lock', 'one');
  put('pyproject.toml', 'one');
  const before = await packagesOf('uv');
  assert.deepEqual(Object.keys(before).sort(), ['uv: pyproject.toml', 'uv: uv.lock']);
  put('uv.lock', 'two');
  const after = await packagesOf('uv');
  assert.notEqual(after['uv: uv.lock'], before['uv: uv.lock']);
  assert.equal(after['uv: pyproject.toml'], before['uv: pyproject.toml']);
  assert.deepEqual(await packagesOf('sh'), {});
  put('run.sh', 'cd inputs && uv run fit.py\n');
  assert.deepEqual(await packagesOf('sh'), after);
});
