import assert from 'node:assert/strict';
import { build } from 'esbuild';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import ts from 'typescript';
import { ballast, shortenNames } from '../../src/code/stable-names.ts';

const root = process.env['REPRO_TEST_ROOT']!;

test('other names for all locals of real modules leave the shortened code as it was', async () => {
  for (const path of ['packages/repro/src/graph/names.ts', 'packages/repro/src/params/parse-json.ts']) {
    const text = readFileSync(join(root, path), 'utf8');
    const locals = localNames(text);
    assert.ok(locals.length > 15, `${locals.length} locals in ${path}`);
    const expected = await shortened(path, text);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.stringMatching(/^[a-zA-Z_$]{1,30}$/), { minLength: locals.length, maxLength: locals.length }),
        async (names) => {
          const unique = names.map((name, i) => `${name}${i}_`);
          assert.equal(await shortened(path, renamed(text, locals, unique)), expected);
        },
      ),
      { numRuns: 20 },
    );
  }
});

test('what is added to a module to make its names stable stays short', () => {
  // It once was 300 times as long as the module, which took most of the memory of a first run.
  for (const path of ['packages/repro/src/graph/names.ts', 'packages/repro/src/execute/scheduler.ts']) {
    const text = readFileSync(join(root, path), 'utf8');
    assert.ok(ballast(text).length < 40 * text.length, `${path}: ${ballast(text).length / text.length}`);
  }
});

test('what the code does decides: another constant, another order of statements', async () => {
  const code = (body: string): Promise<string> => shortenNames(`export function f(value) { ${body} }`);
  const expected = await code('let a = value * 2; let b = value * 3; return [a, b, a];');
  assert.equal(await code('let sum = value * 2; let etna = value * 3; return [sum, etna, sum];'), expected);
  assert.notEqual(await code('let a = value * 2; let b = value * 4; return [a, b, a];'), expected);
  assert.notEqual(await code('let a = value * 3; let b = value * 2; return [a, b, a];'), expected);
});

test(
  'a large inlined binary stays as it is, in time that does not grow with its square',
  { timeout: 60_000 },
  async () => {
    const bytes = 'QUJD'.repeat(100_000);
    const short = await shortenNames(`export const bytes = "${bytes}"; export function f(value) { return value + 1; }`);
    assert.ok(short.includes(bytes));
  },
);

async function shortened(path: string, text: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: text, loader: 'ts', resolveDir: join(root, path, '..') },
    bundle: true,
    format: 'esm',
    platform: 'node',
    write: false,
    minifySyntax: true,
    minifyWhitespace: true,
    packages: 'external',
  });
  return shortenNames(outputFiles[0]!.text);
}

type Local = readonly {
  readonly start: number;
  readonly end: number;
  readonly prefix: string;
  readonly suffix: string;
}[];

/** Where each variable, parameter and inner function of the functions of a module is named. */
function localNames(text: string): Local[] {
  const host: ts.LanguageServiceHost = {
    getCompilationSettings: () => ({ target: ts.ScriptTarget.ES2022, noLib: true, noResolve: true }),
    getScriptFileNames: () => ['module.ts'],
    getScriptVersion: () => '1',
    getScriptSnapshot: (name) => (name === 'module.ts' ? ts.ScriptSnapshot.fromString(text) : undefined),
    getCurrentDirectory: () => '/',
    getDefaultLibFileName: () => '',
    fileExists: (name) => name === 'module.ts',
    readFile: () => undefined,
  };
  const service = ts.createLanguageService(host);
  const found: Local[] = [];
  const visit = (node: ts.Node): void => {
    if (
      (ts.isVariableDeclaration(node) || ts.isParameter(node) || ts.isFunctionDeclaration(node)) &&
      node.name &&
      ts.isIdentifier(node.name)
    ) {
      const member = ts.isParameter(node) && (ts.getModifiers(node)?.length ?? 0) > 0;
      const typeOnly = ts.isParameter(node) && !('body' in node.parent && node.parent.body);
      const exported =
        ts.isFunctionDeclaration(node) &&
        ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
      if (!member && !typeOnly && !exported) {
        const places = service.findRenameLocations('module.ts', node.name.getStart(), false, false, {
          providePrefixAndSuffixTextForRename: true,
        });
        if (places)
          found.push(
            places.map(({ textSpan, prefixText = '', suffixText = '' }) => ({
              start: textSpan.start,
              end: textSpan.start + textSpan.length,
              prefix: prefixText,
              suffix: suffixText,
            })),
          );
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(service.getProgram()!.getSourceFile('module.ts')!);
  return found;
}

function renamed(text: string, locals: readonly Local[], names: readonly string[]): string {
  const changes = locals.flatMap((places, i) => places.map((place) => ({ ...place, name: names[i]! })));
  changes.sort((a, b) => b.start - a.start);
  return changes.reduce(
    (result, { start, end, prefix, suffix, name }) =>
      result.slice(0, start) + prefix + name + suffix + result.slice(end),
    text,
  );
}
