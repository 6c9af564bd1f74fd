import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

/** Peaks of processes of their own, as the benchmark tells them. */
test('a model ten times as large as its limit is evaluated in little more than the limit, with the same bits', (t) => {
  const root = process.env['REPRO_TEST_ROOT']!;
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const options = { width: 512, layers: 16, texts: 2, tokens: 24, rounds: 1 };
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['bench/eval/run.mjs', ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, `${value}`])],
    { cwd: root, env, encoding: 'utf8' },
  );
  assert.equal(status, 0, stderr);
  const number = (pattern: RegExp): number => Number(pattern.exec(stdout)?.[1]);
  const weights = number(/^(\d+) MiB of weights/);
  const limit = number(/^at most (\d+) MiB resident/m);
  const [resident, streamed] = [number(/^resident .* peak (\d+) MiB$/m), number(/^at most .* peak (\d+) MiB$/m)];
  const beyond = number(/; (\d+) MiB of its peak beyond what there was before any weight; the same bits$/m);
  t.diagnostic(stdout);
  assert.ok(Math.abs(limit - weights / 10) < 1, stdout);
  assert.ok(resident > weights, stdout);
  // besides the limit: a block of logits, buffers of the reader, and what is not yet collected
  assert.ok(beyond < limit + 90, stdout);
  assert.ok(resident - streamed > 0.7 * (weights - limit), stdout);
});
