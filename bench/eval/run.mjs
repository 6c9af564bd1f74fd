// @ts-check
/**
 * `node bench/eval/run.mjs [--threads 2] [--texts 4] [--tokens 512] [--layers 12] [--width 768] [--rounds 3] [--python PATH]`:
 * tokens per second of an OPT of random parameters, 125M by default, on the CPU: weights resident, a tenth of them resident,
 * and, with a Python that has torch and transformers, the same texts in PyTorch, round by round in turn. Reading the weights
 * counts, but for PyTorch. Each evaluation is a process of its own; medians over the rounds are told.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { cacheDirectory, commonOptions } from '../../packages/repro/src/code/bundler.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { values } = parseArgs({
  options: {
    threads: { type: 'string', default: '2' },
    texts: { type: 'string', default: '4' },
    tokens: { type: 'string', default: '512' },
    layers: { type: 'string', default: '12' },
    width: { type: 'string', default: '768' },
    rounds: { type: 'string', default: '3' },
    python: { type: 'string' },
  },
});
const outdir = join(cacheDirectory(root), `bench-eval-${process.pid}`);
const folder = mkdtempSync(join(tmpdir(), 'bench-eval-'));
const output = console.log;
const mebibytes = (/** @type {number} */ bytes) => `${(bytes / 2 ** 20).toFixed(0)} MiB`;

/** @param {string} command @param {string[]} args */
const json = (command, args) =>
  JSON.parse(
    execFileSync(command, args, {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, PYTHONWARNINGS: 'ignore' },
    })
      .trim()
      .split('\n')
      .at(-1) ?? '',
  );
/** @param {number[]} numbers */
const median = (numbers) => {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle)] ?? NaN)) / 2;
};
/** @param {string} name @param {any[]} results */
const report = (name, results) => {
  const rate = (/** @type {string} */ time) =>
    median(results.map((result) => result.tokens / result[time]))
      .toFixed(0)
      .padStart(6);
  const peak = Math.max(...results.map(({ peakBytes }) => peakBytes));
  output(
    `${name.padEnd(34)} ${rate('seconds')} tokens/s  ${rate('cpuSeconds')} tokens per core-second  loss ${results[0].loss.toFixed(6)}  peak ${mebibytes(peak)}`,
  );
};

try {
  await build({
    ...commonOptions(root),
    entryPoints: ['bench/eval/evaluate.ts', 'bench/eval/random-opt.ts'],
    outdir,
    outExtension: { '.js': '.mjs' },
  });
  const { configurationOf, writeRandomOpt } = await import(pathToFileURL(join(outdir, 'random-opt.mjs')).href);
  const [width, layers, vocabulary] = [Number(values.width), Number(values.layers), 50272];
  const shape = { width, layers, vocabulary };
  mkdirSync(join(folder, 'scratch'));
  writeRandomOpt(join(folder, 'model.safetensors'), shape);
  writeFileSync(join(folder, 'config.json'), JSON.stringify(configurationOf(shape)));
  // lengths as in a web corpus: most texts short, some cut at the limit
  const limit = Number(values.tokens);
  const count = Number(values.texts);
  const texts = Array.from({ length: count }, (_, i) =>
    Array.from(
      { length: Math.max(2, Math.min(limit, Math.round(limit * 2 ** (1 - (4 * i) / count)))) },
      (_, j) => (i * 7919 + j * 104729) % vocabulary,
    ),
  );
  const textsPath = join(folder, 'texts.json');
  writeFileSync(textsPath, JSON.stringify(texts));
  const bytes = 4 * (vocabulary * width + 2050 * width + layers * (12 * width * width + 13 * width) + 2 * width);
  output(
    `${mebibytes(bytes)} of weights in single precision, ${texts.length} texts, ${texts.flat().length} tokens, ${values.threads} threads, medians of ${values.rounds}`,
  );
  const here = (/** @type {number} */ most) =>
    json(process.execPath, [join(outdir, 'evaluate.mjs'), folder, textsPath, values.threads, String(most)]);
  const peer = (/** @type {string} */ attention) =>
    json(values.python ?? '', [join(root, 'bench/eval/peer.py'), folder, textsPath, values.threads, attention, '2048']);
  /** @type {any[]} */
  const rounds = [];
  for (let round = 0; round < Number(values.rounds); round++) {
    rounds.push({
      resident: here(2 ** 40),
      streamed: here(bytes / 10),
      ...(values.python ? { eager: peer('eager'), sdpa: peer('sdpa') } : {}),
    });
  }
  const of = (/** @type {string} */ kind) => rounds.map((round) => round[kind]);
  /** How many times the time of the one the other takes, in the same round. @param {string} kind @param {string} base @param {string} time */
  const ratio = (kind, base, time) => median(rounds.map((round) => round[kind][time] / round[base][time])).toFixed(2);
  report('resident', of('resident'));
  report(`at most ${mebibytes(bytes / 10)} resident`, of('streamed'));
  const streamed = rounds[0].streamed;
  const isSame = rounds.every((round) => round.streamed.bits === round.resident.bits);
  output(
    `  ${ratio('streamed', 'resident', 'seconds')} times the time of resident, ${ratio('streamed', 'resident', 'cpuSeconds')} times the processor time; ${mebibytes(streamed.peakBytes - streamed.startBytes)} of its peak beyond what there was before any weight; ${isSame ? 'the same bits' : 'OTHER BITS'}`,
  );
  for (const attention of values.python ? ['eager', 'sdpa'] : []) {
    report(`PyTorch ${rounds[0][attention].version}, ${attention}`, of(attention));
    output(
      `  ${ratio(attention, 'resident', 'seconds')} times the time of resident, ${ratio(attention, 'resident', 'cpuSeconds')} times the processor time`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
  rmSync(outdir, { recursive: true, force: true });
}
