// @ts-check
/**
 * `node bench/eval/run.mjs [--threads 2] [--texts 12] [--tokens 1024] [--layers 12] [--python PATH]`: tokens per second of an
 * OPT of 125M random parameters on the CPU: weights resident, a tenth of them resident, and, with a Python that has torch
 * and transformers, the same texts in PyTorch. Reading the weights counts, but for PyTorch.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { cacheDirectory, commonOptions } from '../../engine/code/bundler.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { values } = parseArgs({
  options: {
    threads: { type: 'string', default: '2' },
    texts: { type: 'string', default: '12' },
    tokens: { type: 'string', default: '1024' },
    layers: { type: 'string', default: '12' },
    python: { type: 'string' },
  },
});
const outdir = join(cacheDirectory(root), `bench-eval-${process.pid}`);
const folder = mkdtempSync(join(tmpdir(), 'bench-eval-'));
const output = console.log;

/** @param {string} command @param {string[]} args */
const json = (command, args) => JSON.parse(execFileSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, PYTHONWARNINGS: 'ignore' } }).trim().split('\n').at(-1) ?? '');
/** @param {string} name @param {any} result */
const report = (name, result) => output(`${name.padEnd(46)} ${(result.tokens / result.seconds).toFixed(0).padStart(6)} tokens/s  ${(result.tokens / result.cpuSeconds).toFixed(0).padStart(6)} tokens per core-second  loss ${result.loss.toFixed(6)}  peak ${(result.peakBytes / 2 ** 20).toFixed(0)} MiB`);

try {
  await build({ ...commonOptions(root), entryPoints: ['bench/eval/evaluate.ts', 'bench/eval/random-opt.ts'], outdir, outExtension: { '.js': '.mjs' } });
  const { configurationOf, writeRandomOpt } = await import(pathToFileURL(join(outdir, 'random-opt.mjs')).href);
  const shape = { width: 768, layers: Number(values.layers), vocabulary: 50272 };
  mkdirSync(join(folder, 'scratch'));
  writeRandomOpt(join(folder, 'model.safetensors'), shape);
  writeFileSync(join(folder, 'config.json'), JSON.stringify(configurationOf(shape)));
  // lengths as in a web corpus: most texts short, some cut at the limit
  const limit = Number(values.tokens);
  const texts = Array.from({ length: Number(values.texts) }, (_, i) => Array.from({ length: Math.max(2, Math.min(limit, Math.round(limit * 2 ** (1 - (4 * i) / Number(values.texts))))) }, (_, j) => (i * 7919 + j * 104729) % 50272));
  const textsPath = join(folder, 'texts.json');
  writeFileSync(textsPath, JSON.stringify(texts));
  const bytes = 4 * (50272 * 768 + 2050 * 768 + shape.layers * (12 * 768 * 768 + 13 * 768) + 2 * 768);
  output(`${(bytes / 2 ** 20).toFixed(0)} MiB of weights in single precision, ${texts.length} texts, ${texts.flat().length} tokens, ${values.threads} threads`);
  const here = (/** @type {number} */ most) => json(process.execPath, [join(outdir, 'evaluate.mjs'), folder, textsPath, values.threads, String(most)]);
  const resident = here(2 ** 40);
  report('resident', resident);
  const streamed = here(bytes / 10);
  report(`at most ${(bytes / 10 / 2 ** 20).toFixed(0)} MiB resident`, streamed);
  output(`  of which ${streamed.readingSeconds.toFixed(1)} s of ${streamed.seconds.toFixed(1)} s read weights; ${(streamed.startBytes / 2 ** 20).toFixed(0)} MiB before any; ${streamed.bits === resident.bits ? 'the same bits' : 'OTHER BITS'}`);
  if (values.python) {
    for (const attention of ['eager', 'sdpa']) {
      const peer = json(values.python, [join(root, 'bench/eval/peer.py'), folder, textsPath, values.threads, attention, '2048']);
      report(`PyTorch ${peer.version}, ${attention}`, peer);
      output(`  ${(peer.cpuSeconds / resident.cpuSeconds).toFixed(2)} times the processor time, ${(peer.seconds / resident.seconds).toFixed(2)} times the time of resident`);
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
  rmSync(outdir, { recursive: true, force: true });
}
