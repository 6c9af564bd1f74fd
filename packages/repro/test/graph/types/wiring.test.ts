import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const root = process.env['REPRO_TEST_ROOT']!;

/** The compiler complains about each mistake that compiles: `npm run typecheck` compiles the fixture with all else. */
test('wiring.ts, which the compiler checks, still has its mistakes', () => {
  const { include, exclude } = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8')) as Record<
    string,
    string[]
  >;
  assert.ok(include!.includes('packages') && !exclude!.some((pattern) => /test|wiring/.test(pattern)));
  const mistakes = readFileSync(join(root, 'packages/repro/test/graph/types/wiring.ts'), 'utf8').match(
    /@ts-expect-error [a-z]/g,
  )!;
  assert.ok(mistakes.length >= 20);
});
