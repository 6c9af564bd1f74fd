import { createHash } from 'node:crypto';
import { canonicalJson, writeJson } from 'repro/runtime';
import type { StageRun } from 'repro/runtime';
import { streamKey } from '../../../numerics/random/streams.ts';
import { randomRow } from './geometry.ts';
import type { randomGeometry } from './stage.ts';

export const run: StageRun<typeof randomGeometry> = async ({ params, outputs, signal, progress }) => {
  const { m: widths, vectors, seed } = params;
  const rows = widths.map((m, i) => {
    signal.throwIfAborted();
    const text = canonicalJson({ purpose: 'random-geometry', m, seed, vectors });
    const row = randomRow(m, vectors, streamKey(createHash('sha256').update(text).digest('hex')));
    progress((i + 1) / widths.length);
    return row;
  });
  writeJson(outputs.random, { rows });
};
