import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { canonicalJson } from 'repro/runtime';
import type { StageRun } from 'repro/runtime';
import { encodeDistribution, encodeEvaluation } from '../../../numerics/features/distribution-file.ts';
import { featureFrequencies } from '../../../numerics/features/frequencies.ts';
import { samplerTables } from '../../../numerics/random/sampler-tables.ts';
import { drawSamples } from '../../../numerics/random/sampler.ts';
import type { SparseSamples } from '../../../numerics/random/sampler.ts';
import { streamKey, streamTag } from '../../../numerics/random/streams.ts';
import type { sample } from './stage.ts';

export const run: StageRun<typeof sample> = async ({ params, outputs, progress }) => {
  const { frequencies, n, alpha, scale, firstIndex, density, evaluationBatches, evaluationBatch, seed } = params;
  const law = { frequencies, n, alpha, scale, firstIndex, density };
  const frequency = featureFrequencies(law);
  const tables = samplerTables(frequency);
  writeFileSync(outputs.distribution.path, encodeDistribution({ params: canonicalJson(law), frequency, tables }));

  const key = streamKey(
    createHash('sha256')
      .update(canonicalJson({ for: 'evaluation', distribution: law, seed }))
      .digest('hex'),
  );
  const batches: SparseSamples[] = [];
  for (let batch = 0; batch < evaluationBatches; batch++) {
    batches.push(drawSamples(tables, key, streamTag.evaluation, batch, evaluationBatch));
    progress((batch + 1) / evaluationBatches);
  }
  writeFileSync(outputs.evaluation.path, encodeEvaluation({ samples: joined(batches), batchSize: evaluationBatch }));
};

function joined(parts: readonly SparseSamples[]): SparseSamples {
  let count = 0;
  let entries = 0;
  for (const { offsets, indices } of parts) {
    count += offsets.length - 1;
    entries += indices.length;
  }
  const all = {
    offsets: new Uint32Array(count + 1),
    indices: new Uint32Array(entries),
    values: new Float32Array(entries),
  };
  let row = 0;
  let entry = 0;
  for (const { offsets, indices, values } of parts) {
    for (let s = 1; s < offsets.length; s++) all.offsets[row + s] = entry + offsets[s]!;
    all.indices.set(indices, entry);
    all.values.set(values, entry);
    row += offsets.length - 1;
    entry += indices.length;
  }
  return all;
}
