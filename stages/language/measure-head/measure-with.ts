import { setImmediate } from 'node:timers/promises';
import { writeJson } from 'repro/runtime';
import type { StageRun } from 'repro/runtime';
import { openFile } from '../../../numerics/checkpoints/byte-source.ts';
import { openSafetensors } from '../../../numerics/checkpoints/safetensors-source.ts';
import type { TensorSource } from '../../../numerics/checkpoints/tensor-source.ts';
import type { RowReader } from '../../../numerics/geometry/head/rows.ts';
import { streamFor } from '../../toy/stream.ts';
import { measureHead } from './measure.ts';
import type { OverlapMeasure } from './measure.ts';
import type { measureHead as stage } from './stage.ts';

/** The stage, with its overlaps measured in one way or another. */
export function measureWith(overlaps: OverlapMeasure): StageRun<typeof stage> {
  return async ({ params, inputs, outputs, signal, progress }) => {
    const { model, n, m, pairs, seed } = params;
    const source = await openSafetensors(await openFile(inputs.head.path, `the head of ${model}`));
    try {
      const reader = readerOf(source, model);
      if (reader.rows !== n || reader.width !== m)
        throw new Error(`${model}: its head is ${reader.rows} x ${reader.width}: expected ${n} x ${m} as published`);
      const key = streamFor({ purpose: 'measure-head', model, seed });
      const watch = async (done: number): Promise<void> => {
        progress(done);
        await setImmediate();
        signal.throwIfAborted();
      };
      writeJson(
        outputs.measurement,
        await measureHead(params, reader, (norms, report) => overlaps(reader, norms, pairs, key, report), watch),
      );
    } finally {
      await source.close();
    }
  };
}

function readerOf(source: TensorSource, model: string): RowReader {
  const shape = source.entries().get('head')?.shape;
  const [rows, width] = shape ?? [];
  if (rows === undefined || width === undefined || shape!.length !== 2)
    throw new Error(`${model}: expected a tensor "head" of two dimensions`);
  return {
    rows,
    width,
    async read(begin, count, out, stride) {
      const values = await source.readRows('head', begin, begin + count);
      if (stride === width) out.set(values);
      else for (let r = 0; r < count; r++) out.set(values.subarray(r * width, (r + 1) * width), r * stride);
    },
  };
}
