/** Times both ways to the mean square overlap of one head in one process, each with what memory it took. */
import { parseArgs } from 'node:util';
import { meanSquareOverlap } from '../../numerics/geometry/head/gram.ts';
import { allPairStatistics } from '../../numerics/geometry/head/pairs.ts';
import { rowNorms } from '../../numerics/geometry/head/rows.ts';
import type { RowReader } from '../../numerics/geometry/head/rows.ts';

const { values } = parseArgs({
  options: { rows: { type: 'string', default: '50272' }, width: { type: 'string', default: '4096' } },
});
const rows = Number(values.rows);
const width = Number(values.width);

/** Sums of four uniform numbers, which are near enough to normal, made anew at each read so that no copy of the head is held. */
const reader: RowReader = {
  rows,
  width,
  read(begin, count, out, stride) {
    for (let r = 0; r < count; r++) {
      let state = Math.imul(begin + r + 1, 0x9e3779b9) | 1;
      for (let k = 0; k < width; k++) {
        state ^= state << 13;
        state ^= state >>> 17;
        state ^= state << 5;
        out[r * stride + k] = (state & 255) + ((state >>> 8) & 255) + ((state >>> 16) & 255) + (state >>> 24) - 510;
      }
    }
  },
};

const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;
let peak = 0;
const watch = (): void => {
  peak = Math.max(peak, process.memoryUsage.rss());
};

interface Timed<T> {
  readonly result: T;
  readonly seconds: number;
  /** Of the processor: what the clock would say on an idle machine. */
  readonly processor: number;
  readonly memory: string;
}

async function timed<T>(work: () => Promise<T>): Promise<Timed<T>> {
  peak = process.memoryUsage.rss();
  const start = performance.now();
  const used = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(used);
  return {
    result,
    seconds: (performance.now() - start) / 1000,
    processor: (user + system) / 1e6,
    memory: megabytes(peak),
  };
}

function told({ seconds, processor, memory }: Timed<unknown>, operations: number): string {
  return `${seconds.toFixed(1)} s (processor ${processor.toFixed(1)} s, ${(operations / processor / 1e9).toFixed(1)} GFLOP/s), peak memory of the process ${memory}`;
}

const { result: norms, seconds: normSeconds } = await timed(() => rowNorms(reader));
console.log(
  `head of ${rows} x ${width}; one core; making and measuring the rows once takes ${normSeconds.toFixed(1)} s of each pass`,
);

const gram = await timed(() => meanSquareOverlap(reader, norms, watch));
console.log(`Gram matrix: ${told(gram, rows * width * (width + 8))}, mean square ${gram.result.meanSquare}`);

const pairs = await timed(() => allPairStatistics(reader, norms, watch));
console.log(`all pairs:   ${told(pairs, rows * (rows - 1) * width)}, mean square ${pairs.result.meanSquare}`);

const off = gram.result.meanSquare / pairs.result.meanSquare - 1;
console.log(
  `the Gram matrix is ${(pairs.seconds / gram.seconds).toFixed(2)} times faster by the clock, ${(pairs.processor / gram.processor).toFixed(2)} times by the processor; ` +
    `the two differ by ${off.toExponential(1)}`,
);
