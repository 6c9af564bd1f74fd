import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';

const root = process.env['REPRO_TEST_ROOT'] ?? process.cwd();

/** What the scripts of bench/gpu find in `environment`, sourced as they source it. */
function found(environment: Readonly<Record<string, string>>): string[] {
  const script = `set -u; . ${join(root, 'bench/gpu/environment.sh')}; echo "$here"; echo "$VK_DRIVER_FILES"; echo "$VK_ICD_FILENAMES"; echo "$LD_LIBRARY_PATH"`;
  const path = process.env['PATH']!;
  const text = execFileSync('bash', ['-c', script, join(root, 'bench/gpu/look.sh')], {
    encoding: 'utf8',
    env: { PATH: path, ...environment },
  });
  return text.trimEnd().split('\n');
}

test('the scripts for a bare machine need no variable, name a driver, and keep one that is named', () => {
  const [here, driver, icd, libraries] = found({});
  assert.equal(here, join(root, 'bench/gpu'));
  assert.match(driver!, /\.json$/);
  assert.equal(icd, driver);
  assert.ok(libraries!.split(':').includes(here));
  assert.deepEqual(found({ VK_DRIVER_FILES: '/a/driver.json', LD_LIBRARY_PATH: '/lib/first' }).slice(1, 3), [
    '/a/driver.json',
    '/a/driver.json',
  ]);
});
