import type { SamplerTables } from '../random/sampler-tables.ts';
import type { SparseSamples } from '../random/sampler.ts';
import { decodeOwnTensors, encodeSafetensors, tensorOf } from '../checkpoints/tensor-file.ts';

/** The content of a feature-distribution artifact. */
export interface FeatureDistribution {
  /** The numeric parameters of the distribution, as canonical JSON. */
  readonly params: string;
  /** p: [n] */
  readonly frequency: Float64Array;
  readonly tables: SamplerTables;
}

export function encodeDistribution({ params, frequency, tables }: FeatureDistribution): Uint8Array {
  const u32 = (data: Uint32Array) => ({ dtype: 'U32', shape: [data.length], data }) as const;
  return encodeSafetensors(
    {
      frequency: { dtype: 'F64', shape: [frequency.length], data: frequency },
      hazardLast: u32(tables.hazardLast),
      hazardGuide: u32(tables.hazardGuide),
      countLast: u32(tables.countLast),
      counts: u32(Uint32Array.of(tables.alwaysActive, tables.firstCount)),
    },
    { params },
  );
}

export function decodeDistribution(bytes: Uint8Array): FeatureDistribution {
  const file = decodeOwnTensors(bytes);
  const u32 = (name: string) => tensorOf(file, name, 'U32').data;
  const [alwaysActive, firstCount] = tensorOf(file, 'counts', 'U32', [2]).data;
  return {
    params: file.metadata.params ?? '',
    frequency: tensorOf(file, 'frequency', 'F64').data,
    tables: {
      alwaysActive: alwaysActive!,
      firstCount: firstCount!,
      hazardLast: u32('hazardLast'),
      hazardGuide: u32('hazardGuide'),
      countLast: u32('countLast'),
    },
  };
}

/** The content of an evaluation-samples artifact: `batches` times `batchSize` samples. */
export interface EvaluationSet {
  readonly samples: SparseSamples;
  readonly batchSize: number;
}

export function encodeEvaluation({ samples: { offsets, indices, values }, batchSize }: EvaluationSet): Uint8Array {
  return encodeSafetensors({
    offsets: { dtype: 'U32', shape: [offsets.length], data: offsets },
    indices: { dtype: 'U32', shape: [indices.length], data: indices },
    values: { dtype: 'F32', shape: [values.length], data: values },
    batchSize: { dtype: 'U32', shape: [1], data: Uint32Array.of(batchSize) },
  });
}

export function decodeEvaluation(bytes: Uint8Array): EvaluationSet {
  const file = decodeOwnTensors(bytes);
  return {
    samples: {
      offsets: tensorOf(file, 'offsets', 'U32').data,
      indices: tensorOf(file, 'indices', 'U32').data,
      values: tensorOf(file, 'values', 'F32').data,
    },
    batchSize: tensorOf(file, 'batchSize', 'U32', [1]).data[0]!,
  };
}
