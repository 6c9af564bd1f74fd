/** Mutations of files, drawn from a seed. */

/** Uniform integers below n, the same for the same seed (xorshift32). */
export function randomBelow(seed: number): (n: number) => number {
  let state = (seed * 2654435761 + 1) | 0 || 1;
  return (n) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % n;
  };
}

const interesting = [0, 1, 0x7f, 0x80, 0xff, 0x22, 0x5b, 0x7b, 0x0a, 0x1b, 0x9b];
const words = [
  '-1',
  '1e999',
  '9007199254740993',
  '4294967295',
  'null',
  '"',
  '[',
  '{',
  '}',
  ',',
  '\\u001b[31m',
  '../../x',
].map((word) => Buffer.from(word));

/** One of the files after a mutation, seldom up to four. */
export function mutated(seeds: readonly Uint8Array[], random: (n: number) => number): Uint8Array {
  let bytes: Buffer = Buffer.from(seeds[random(seeds.length)]!);
  for (let left = random(3) === 0 ? 1 + random(4) : 1; left > 0; left--) bytes = mutate(bytes, seeds, random);
  return bytes;
}

function mutate(bytes: Buffer, seeds: readonly Uint8Array[], random: (n: number) => number): Buffer {
  const at = random(bytes.length + 1);
  const end = Math.min(bytes.length, at + 1 + random(16));
  const insert = (more: Uint8Array): Buffer => Buffer.concat([bytes.subarray(0, at), more, bytes.subarray(at)]);
  switch (random(9)) {
    case 0:
    case 1: {
      const copy = Buffer.from(bytes);
      if (at < copy.length) copy[at]! ^= 1 << random(8);
      return copy;
    }
    case 2: {
      const copy = Buffer.from(bytes);
      copy.fill(interesting[random(interesting.length)]!, at, end);
      return copy;
    }
    case 3:
      return insert(words[random(words.length)]!);
    case 4:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(end)]);
    case 5:
      return bytes.subarray(0, at);
    case 6: {
      const from = random(bytes.length + 1);
      return insert(bytes.subarray(from, from + random(64)));
    }
    case 7: {
      const other = seeds[random(seeds.length)]!;
      return Buffer.concat([bytes.subarray(0, at), other.subarray(random(other.length + 1))]);
    }
    default: {
      // A number of text, made another.
      const text = bytes.toString('latin1');
      const digits = [...text.matchAll(/\d+/g)];
      if (digits.length === 0) return bytes;
      const { index, 0: old } = digits[random(digits.length)]!;
      const made = ['0', '-1', `${old}0`, '1e400', `${2 ** 53}`, '0.5'][random(6)]!;
      return Buffer.from(text.slice(0, index) + made + text.slice(index + old.length), 'latin1');
    }
  }
}
