import { limited } from '../../../numerics/foreign/limited.ts';

type Question =
  | { readonly type: 'scale'; readonly value: number }
  | { readonly type: 'supply'; readonly value: number }
  | { readonly type: 'throw'; readonly value: string }
  | { readonly type: 'loop' | 'pattern' | 'objects' | 'array' | 'text' | 'bytes' | 'size' | 'exit' };

/** A service that does what it is asked to, good or bad. */
export const openPuppet = await limited('puppet', ({ scale }: { readonly scale: number }, supply) => {
  return async (question: Question): Promise<unknown> => {
    switch (question.type) {
      case 'scale':
        return scale * question.value;
      case 'supply':
        return supply(question.value);
      case 'throw':
        throw new RangeError(question.value);
      case 'loop':
        for (;;);
      case 'pattern':
        return /^(a+)+$/.test('a'.repeat(60) + 'b');
      case 'objects': {
        const kept: object[] = [];
        for (;;) kept.push({ more: kept.length });
      }
      case 'array': {
        const kept: number[] = [];
        for (;;) kept.push(kept.length + 0.5);
      }
      case 'bytes': {
        const kept: Uint8Array[] = [];
        for (;;) kept.push(new Uint8Array(2 ** 24).fill(1));
      }
      case 'size':
        return JSON.parse(`[${'[],'.repeat(2 ** 24)}[]]`) as unknown;
      case 'exit':
        process.exit(3);
      // falls through
      case 'text': {
        const kept: string[] = [];
        for (;;) kept.push(JSON.stringify({ text: 'x'.repeat(2 ** 20) + String(kept.length) }));
      }
    }
  };
});
