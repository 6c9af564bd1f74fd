/** measure-head on a random head from a file, in a process of its own, which prints its peak memory. Arguments: FOLDER ROWS WIDTH. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../stages/language/measure-head/run.wasm.ts';

const [folder, rowsText, widthText] = process.argv.slice(2) as [string, string, string];
const [n, m] = [Number(rowsText), Number(widthText)];
const path = join(folder, 'head.safetensors');
const header = Buffer.from(JSON.stringify({ head: { dtype: 'BF16', shape: [n, m], data_offsets: [0, 2 * n * m] } }));
const start = Buffer.alloc(8 + Math.ceil(header.length / 8) * 8, ' ');
start.writeBigUInt64LE(BigInt(start.length - 8));
header.copy(start, 8);
const file = openSync(path, 'w');
writeSync(file, start);
const row = new Uint16Array(m);
let state = 1;
for (let i = 0; i < n; i++) {
  // either sign, and magnitudes from 1/2 to 2
  for (let k = 0; k < m; k++)
    row[k] = 0x3f00 + ((state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 24) + (state & 0x100 ? 0x8000 : 0);
  writeSync(file, new Uint8Array(row.buffer));
}
closeSync(file);

const before = process.memoryUsage.rss();
const begun = performance.now();
await run({
  node: 'measure-head',
  params: { model: 'random', family: 'random', n, m, pairs: { groups: 2, rows: 256 }, seed: 1 },
  inputs: { head: { type: 'language-model-head', path, node: 'fetch-head' } },
  outputs: { measurement: { type: 'head-measurement', path: join(folder, 'measurement.json') } },
  scratch: folder,
  signal: new AbortController().signal,
  progress: () => undefined,
});
console.log(
  `head of ${n} x ${m} (${Math.round((2 * n * m) / 1e6)} MB): peak memory ${Math.round((1024 * process.resourceUsage().maxRSS) / 1e6)} MB, ${Math.round(before / 1e6)} MB before, in ${((performance.now() - begun) / 1000).toFixed(1)} s`,
);
