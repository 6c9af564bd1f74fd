/** Losses of the texts that are done, kept in the node's scratch directory so that a killed evaluation goes on from there. */
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeSafetensors, encodeSafetensors, tensorOf } from '../../../numerics/checkpoints/safetensors.ts';

export interface TextLoss {
  /** Its place in the data set. */
  readonly text: number;
  /** Of each token but the first. */
  readonly losses: Float32Array;
}

const pattern = /^finished-\d+\.safetensors$/;

/** Writes one file, at once: a crash or a power cut leaves all of it or nothing. */
export function saveFinished(scratch: string, texts: readonly TextLoss[]): void {
  mkdirSync(scratch, { recursive: true });
  const losses = new Float32Array(texts.reduce((sum, { losses }) => sum + losses.length, 0));
  let at = 0;
  for (const { losses: own } of texts) {
    losses.set(own, at);
    at += own.length;
  }
  const path = join(scratch, `finished-${texts[0]!.text}.safetensors`);
  const content = encodeSafetensors({
    text: { dtype: 'I32', shape: [texts.length], data: Int32Array.from(texts, ({ text }) => text) },
    length: { dtype: 'I32', shape: [texts.length], data: Int32Array.from(texts, ({ losses }) => losses.length) },
    losses: { dtype: 'F32', shape: [losses.length], data: losses },
  });
  writeFileSync(`${path}.tmp`, content, { flush: true });
  renameSync(`${path}.tmp`, path);
}

/** What was saved. A damaged file is removed: its texts are not finished. */
export function readFinished(scratch: string): TextLoss[] {
  if (!existsSync(scratch)) return [];
  return readdirSync(scratch)
    .filter((name) => pattern.test(name))
    .flatMap((name) => {
      const path = join(scratch, name);
      const texts = decodeFinished(new Uint8Array(readFileSync(path)));
      if (!texts) rmSync(path);
      return texts ?? [];
    });
}

/** Undefined for what `saveFinished` did not write. */
function decodeFinished(bytes: Uint8Array): TextLoss[] | undefined {
  try {
    const file = decodeSafetensors(bytes);
    const text = tensorOf(file, 'text', 'I32').data;
    const lengths = tensorOf(file, 'length', 'I32', [text.length]).data;
    const total = lengths.every((length) => length >= 0) ? lengths.reduce((sum, length) => sum + length, 0) : NaN;
    const losses = tensorOf(file, 'losses', 'F32', [total]).data;
    let at = 0;
    return [...text].map((text, i) => ({ text, losses: losses.slice(at, (at += lengths[i]!)) }));
  } catch {
    return undefined;
  }
}
