// @ts-check
/**
 * Takes each protection that docs/faults.json names out of the code, one at a time, and runs its tests, which have to
 * fail: `node bench/mutations/run.mjs [word of a row ...]`. The code is edited in place and put back; nothing may be
 * uncommitted.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const words = process.argv.slice(2).map((word) => word.toLowerCase());
const { stdout } = spawnSync(
  'git',
  ['status', '--porcelain', 'packages', 'stages', 'numerics', 'pipeline', '.github'],
  {
    cwd: root,
    encoding: 'utf8',
  },
);
if (stdout !== '') {
  console.error(`there are uncommitted changes: commit them first\n${stdout}`);
  process.exit(2);
}
/** @type {import('../../docs/faults.mjs').Section[]} */
const sections = JSON.parse(readFileSync(join(root, 'docs/faults.json'), 'utf8'));
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));
let survived = 0;
for (const { fault, mutation } of sections.flatMap(({ rows }) => rows)) {
  if (!words.every((word) => fault.toLowerCase().includes(word))) continue;
  const path = join(root, mutation.file);
  const text = readFileSync(path, 'utf8');
  if (text.split(mutation.find).length !== 2) {
    console.log(`STALE     ${fault}: ${mutation.file} does not hold the text once`);
    survived++;
    continue;
  }
  const started = Date.now();
  const restore = () => writeFileSync(path, text);
  process.once('exit', restore);
  try {
    writeFileSync(
      path,
      text.replace(mutation.find, () => mutation.replace),
    );
    const only = mutation.only === undefined ? [] : [`--test-name-pattern=${mutation.only}`];
    // It ends its whole group: a test that a mutation makes endless is no child of its own.
    const limited = ['--kill-after=5', '240', process.execPath, 'test/run.mjs', mutation.run, ...only];
    const { status } = spawnSync('timeout', limited, { cwd: root, encoding: 'utf8' });
    // One that was ended by the limit has not said anything.
    const word = status === 124 || status === 137 ? 'TIMED OUT' : status === 0 ? 'SURVIVED ' : 'found    ';
    if (word !== 'found    ') survived++;
    console.log(`${word} ${fault} (${mutation.run}, ${Math.round((Date.now() - started) / 1000)} s)`);
  } finally {
    restore();
    process.off('exit', restore);
  }
}
console.log(`${survived} not found`);
process.exitCode = survived ? 1 : 0;
