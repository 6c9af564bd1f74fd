import { constants } from 'node:buffer';
import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import type { Determinism } from '../graph/artifact.ts';
import { pieceIsDone } from '../store/files.ts';

/** Whether two builds of one output are the same, as far as its type promises. */
export function isSameOutput(determinism: Determinism, aPath: string, bPath: string): boolean {
  const sizes = [statSync(aPath).size, statSync(bPath).size];
  if (sizes[0] === sizes[1] && firstDifference(aPath, bPath) === undefined) return true;
  // Longer than a text can be: it would be read whole, only to be refused.
  if (determinism.level === 'bytes' || Math.max(...sizes) > constants.MAX_STRING_LENGTH) return false;
  try {
    return isNear(JSON.parse(readFileSync(aPath, 'utf8')), JSON.parse(readFileSync(bPath, 'utf8')), determinism);
  } catch {
    return false;
  }
}

const pieceBytes = 1 << 20;

/** The first byte, counted from 0, at which two files differ or one of them ends; undefined if they are the same. Files may be larger than memory. */
export function firstDifference(aPath: string, bPath: string): number | undefined {
  const [aBuffer, bBuffer] = [Buffer.allocUnsafe(pieceBytes), Buffer.allocUnsafe(pieceBytes)];
  const a = openSync(aPath, 'r');
  try {
    const b = openSync(bPath, 'r');
    try {
      for (let start = 0; ; start += pieceBytes) {
        const [aPiece, bPiece] = [readPiece(a, aBuffer), readPiece(b, bBuffer)];
        if (!aPiece.equals(bPiece)) {
          const at = aPiece.findIndex((byte, i) => byte !== bPiece[i]);
          return start + (at < 0 ? aPiece.length : at);
        }
        if (aPiece.length < pieceBytes) return undefined;
        pieceIsDone();
      }
    } finally {
      closeSync(b);
    }
  } finally {
    closeSync(a);
  }
}

/** As much of the buffer as the rest of the file fills: one read may give less. */
function readPiece(fd: number, buffer: Buffer): Buffer {
  let length = 0;
  for (let read = -1; read !== 0 && length < buffer.length; length += read)
    read = readSync(fd, buffer, length, buffer.length - length, null);
  return buffer.subarray(0, length);
}

function isNear(a: unknown, b: unknown, { rtol, atol }: { rtol: number; atol: number }): boolean {
  if (typeof a === 'number' && typeof b === 'number')
    return Math.abs(a - b) <= atol + rtol * Math.max(Math.abs(a), Math.abs(b));
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  const [keys, others] = [Object.keys(a), Object.keys(b)];
  return (
    keys.length === others.length &&
    keys.every((key) =>
      isNear((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key], { rtol, atol }),
    )
  );
}
