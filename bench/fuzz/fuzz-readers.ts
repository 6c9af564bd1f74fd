/**
 * node bench/fuzz/run.mjs [--count 20000] [--seed 1] [READER ...]: mutates valid files of every reader of bytes from
 * elsewhere. Exit code 1 if one crashed, took more than 5 s of processor time, was wrongly accepted, or was refused in more
 * than one line.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Fuzzer } from '../../test/fuzz/fuzz.ts';
import { readers } from '../../test/fuzz/readers.ts';

const { values, positionals } = parseArgs({
  args: process.argv.slice(2),
  options: { count: { type: 'string', default: '20000' }, seed: { type: 'string', default: '1' } },
  allowPositionals: true,
});
const directory = mkdtempSync(join(tmpdir(), 'fuzz-'));
const fuzzer = new Fuzzer(directory);
try {
  console.log('reader | accepted | refused | ended by a limit | longest, CPU ms | CPU s in all | faults');
  for (const reader of positionals.length ? positionals : Object.keys(readers)) {
    const found = await fuzzer.fuzz(reader, Number(values.count), Number(values.seed));
    const { accepted, refused, limited, longestCpuSeconds, cpuSeconds, faults } = found;
    const times = [Math.round(1000 * longestCpuSeconds), cpuSeconds.toFixed(1)];
    console.log([reader, accepted, refused, limited, ...times, faults.length].join(' | '));
    for (const fault of faults.slice(0, 5)) console.log(`  ${fault}`);
    if (faults.length) process.exitCode = 1;
  }
} finally {
  await fuzzer.close();
  rmSync(directory, { recursive: true });
}
