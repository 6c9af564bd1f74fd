import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import ts from 'typescript';

const root = process.env['REPRO_TEST_ROOT']!;

test('wrong wiring does not compile, right wiring does', () => {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path)) as {
    config: { compilerOptions: object };
  };
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
  const fixture = join(root, 'packages/repro/test/graph/types/wiring.ts');
  const program = ts.createProgram([fixture], { ...options, noEmit: true });
  const diagnostics = ts.getPreEmitDiagnostics(program).map(({ messageText, file, start }) => {
    const line = file && start !== undefined ? file.getLineAndCharacterOfPosition(start).line + 1 : 0;
    return `${file?.fileName}:${line}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
  });
  assert.deepEqual(diagnostics, []);
  const mistakes = program.getSourceFile(fixture)!.text.match(/@ts-expect-error [a-z]/g)!;
  assert.ok(mistakes.length >= 20, 'the fixture still has its mistakes');
});
