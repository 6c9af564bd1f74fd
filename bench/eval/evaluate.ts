/** One evaluation in a process of its own, so that its peak memory is its own: prints JSON. Arguments: FOLDER TEXTS THREADS MAX_RESIDENT_BYTES. */
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { openWeights } from '../../numerics/checkpoints/open.ts';
import { languageModel } from '../../numerics/language-models/configuration.ts';
import { batchesByLength } from '../../numerics/language-models/text-batches.ts';
import { ModelEvaluation } from '../../stages/language/eval-llm/model-evaluation.ts';
import { providerFault } from '../../stages/language/eval-llm/part-sessions.ts';

const [folder, textsPath, threads, limit] = process.argv.slice(2) as [string, string, string, string];
const model = languageModel(JSON.parse(readFileSync(`${folder}/config.json`, 'utf8')), folder);
const texts = (JSON.parse(readFileSync(textsPath, 'utf8')) as number[][]).map((ids) => Int32Array.from(ids));
const source = await openWeights(folder, { format: 'safetensors', files: ['model.safetensors'], shards: null });
const evaluation = new ModelEvaluation(model, source, folder, {
  provider: 'cpu',
  maxResidentBytes: Number(limit),
  scratch: `${folder}/scratch`,
  threads: Number(threads),
});
// ONNX Runtime itself takes memory, whatever the model
await providerFault('cpu');
const before = process.memoryUsage.rss();
// with all weights in memory, the first text reads them: the peer is not timed for that either
const batches = batchesByLength(
  texts.map(({ length }) => length),
  2048,
);
if (evaluation.isResident)
  await evaluation.losses(texts, [
    { texts: [batches.at(-1)!.texts.at(-1)!], length: texts[batches.at(-1)!.texts.at(-1)!]!.length },
  ]);
const begunCpu = process.cpuUsage();
const begun = performance.now();
let sum = 0;
let predicted = 0;
const digest: number[] = [];
for (const shard of evaluation.shards(batches)) {
  for (const { losses } of await evaluation.losses(texts, shard)) {
    sum += losses.reduce((partial, loss) => partial + loss, 0);
    predicted += losses.length;
    digest.push(losses.reduce((partial, loss) => partial + loss, 0));
  }
}
const cpu = process.cpuUsage(begunCpu);
console.log(
  JSON.stringify({
    seconds: (performance.now() - begun) / 1000,
    cpuSeconds: (cpu.user + cpu.system) / 1e6,
    readingSeconds: evaluation.readingMilliseconds / 1000,
    tokens: texts.reduce((total, { length }) => total + length, 0),
    loss: sum / predicted,
    bits: digest.join(),
    startBytes: before,
    peakBytes: 1024 * process.resourceUsage().maxRSS,
  }),
);
await evaluation.close();
await source.close();
