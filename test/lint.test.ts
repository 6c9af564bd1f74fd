import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

const repository = process.env['REPRO_TEST_ROOT']!;

test('the linter refuses what engines round differently, and clocks, in the code of stages', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lint-'));
  try {
    const refused = [
      'use(Math.exp(x))',
      "use(Math['log'](x))",
      'use(Math.random())',
      'use(x ** 2)',
      'use(Date.now())',
      'use(new Date())',
      'const { cos } = Math',
      'x **= 2',
    ];
    const allowed = ['use(Math.sqrt(x))', 'use(2 ** 53)', 'use(Date.UTC(2025))', 'use(exp(x))'];
    writeFileSync(join(folder, 'sample.js'), [...refused, ...allowed].map((code) => `${code};\n`).join(''));
    const config = {
      jsPlugins: [join(repository, '.oxlint-plugin.mjs')],
      categories: { correctness: 'off' },
      rules: { 'project/same-everywhere': 'error' },
    };
    writeFileSync(join(folder, '.oxlintrc.json'), JSON.stringify(config));
    const oxlint = join(repository, 'node_modules/oxlint/bin/oxlint');
    const { status, stdout } = spawnSync(process.execPath, [oxlint, '--format=unix'], {
      cwd: folder,
      encoding: 'utf8',
    });
    assert.equal(status, 1, stdout);
    const lines = [...stdout.matchAll(/^sample\.js:(\d+):/gm)].map((match) => Number(match[1]));
    assert.deepEqual(
      [...new Set(lines)].sort((a, b) => a - b),
      refused.map((_, i) => i + 1),
      stdout,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
