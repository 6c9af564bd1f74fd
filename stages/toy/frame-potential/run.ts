import { createHash } from 'node:crypto';
import { canonicalJson, writeJson } from 'repro/runtime';
import type { StageRun } from 'repro/runtime';
import { initialWeights } from '../../../numerics/toy-model/initial-weights.ts';
import { overlapStatistics } from '../../../numerics/geometry/overlaps.ts';
import { streamKey } from '../../../numerics/random/streams.ts';
import { minimiseFramePotential } from './minimise.ts';
import type { framePotential } from './stage.ts';

export const run: StageRun<typeof framePotential> = async ({ params: { m, vectors, seed }, outputs }) => {
  const text = canonicalJson({ purpose: 'frame-potential', m, vectors, seed });
  const key = streamKey(createHash('sha256').update(text).digest('hex'));
  const { units, potential, steps } = minimiseFramePotential(initialWeights(vectors, m, key).W, m);
  const rows = Array.from({ length: vectors }, (_, i) => [...units.subarray(i * m, (i + 1) * m)]);
  writeJson(outputs.frame, { m, rows, potential, steps, overlap: overlapStatistics(units, m)! });
};
