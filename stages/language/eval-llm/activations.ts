import { closeSync, mkdirSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** The activations of some batches between one part of a model and the next: in memory, or in a file where they are too many. */
export class Activations {
  readonly #memory: Float32Array[] = [];
  readonly #lengths: number[] = [];
  readonly #offsets: number[] = [];
  readonly #path: string;
  readonly #file: number | undefined;

  /** `sizes`: the most elements that each batch ever has. */
  constructor(sizes: readonly number[], budgetBytes: number, scratch: string) {
    let bytes = 0;
    for (const size of sizes) {
      this.#offsets.push(bytes);
      bytes += 4 * size;
    }
    this.#path = join(scratch, 'activations');
    if (bytes > budgetBytes) {
      mkdirSync(scratch, { recursive: true });
      this.#file = openSync(this.#path, 'w+');
    }
  }

  set(batch: number, data: Float32Array): void {
    if (this.#file === undefined) {
      this.#memory[batch] = data;
      return;
    }
    this.#lengths[batch] = data.length;
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    for (let done = 0; done < bytes.length;)
      done += writeSync(this.#file, bytes, done, bytes.length - done, this.#offsets[batch]! + done);
  }

  get(batch: number): Float32Array {
    if (this.#file === undefined) return this.#memory[batch]!;
    const data = new Float32Array(this.#lengths[batch]!);
    const bytes = new Uint8Array(data.buffer);
    for (let done = 0; done < bytes.length;) {
      const read = readSync(this.#file, bytes, done, bytes.length - done, this.#offsets[batch]! + done);
      if (read === 0) throw new Error(`${this.#path}: cut short: expected ${bytes.length} bytes of batch ${batch}`);
      done += read;
    }
    return data;
  }

  close(): void {
    if (this.#file === undefined) return;
    closeSync(this.#file);
    rmSync(this.#path, { force: true });
  }
}
