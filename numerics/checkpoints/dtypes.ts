/** Element types of checkpoints, by the names of the safetensors format, and their conversion to f32. */

export const dtypeBytes = {
  F64: 8,
  I64: 8,
  U64: 8,
  F32: 4,
  I32: 4,
  U32: 4,
  F16: 2,
  BF16: 2,
  I16: 2,
  U16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
} as const;

export type TensorDtype = keyof typeof dtypeBytes;

/** Little-endian elements as f32, rounded to nearest where f32 cannot hold them. `bytes`: whole elements. */
export function toFloat32(dtype: TensorDtype, bytes: Uint8Array): Float32Array {
  const width = dtypeBytes[dtype];
  if (bytes.length % width !== 0) throw new RangeError(`${bytes.length} bytes are not whole elements of ${dtype}`);
  const { buffer, byteOffset, length } = bytes.byteOffset % width === 0 ? bytes : new Uint8Array(bytes);
  const count = length / width;
  switch (dtype) {
    case 'F32':
      return new Float32Array(buffer, byteOffset, count);
    case 'F16':
      return halfToFloat32(new Uint16Array(buffer, byteOffset, count));
    case 'BF16':
      return bfloatToFloat32(new Uint16Array(buffer, byteOffset, count));
    case 'F64':
      return Float32Array.from(new Float64Array(buffer, byteOffset, count));
    case 'I64':
      return Float32Array.from(new BigInt64Array(buffer, byteOffset, count), Number);
    case 'U64':
      return Float32Array.from(new BigUint64Array(buffer, byteOffset, count), Number);
    case 'I32':
      return Float32Array.from(new Int32Array(buffer, byteOffset, count));
    case 'U32':
      return Float32Array.from(new Uint32Array(buffer, byteOffset, count));
    case 'I16':
      return Float32Array.from(new Int16Array(buffer, byteOffset, count));
    case 'U16':
      return Float32Array.from(new Uint16Array(buffer, byteOffset, count));
    case 'I8':
      return Float32Array.from(new Int8Array(buffer, byteOffset, count));
    case 'U8':
    case 'BOOL':
      return Float32Array.from(new Uint8Array(buffer, byteOffset, count));
  }
}

/** bfloat16 is the upper half of f32. */
function bfloatToFloat32(bits: Uint16Array): Float32Array {
  const words = new Uint32Array(bits.length);
  for (let i = 0; i < bits.length; i++) words[i] = bits[i]! << 16;
  return new Float32Array(words.buffer);
}

let halfTable: Uint32Array | undefined;

/** Half precision through a table of all its 65536 values, kept as bits so that NaNs keep theirs. */
function halfToFloat32(bits: Uint16Array): Float32Array {
  halfTable ??= Uint32Array.from({ length: 65536 }, (_, half) => halfBitsToFloatBits(half));
  const words = new Uint32Array(bits.length);
  for (let i = 0; i < bits.length; i++) words[i] = halfTable[bits[i]!]!;
  return new Float32Array(words.buffer);
}

/** IEEE 754 binary16 to binary32, exactly. */
function halfBitsToFloatBits(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return (sign | 0x7f800000 | (fraction << 13)) >>> 0;
  if (exponent !== 0) return (sign | ((exponent + 112) << 23) | (fraction << 13)) >>> 0;
  if (fraction === 0) return sign >>> 0;
  // Subnormal halves are normal in f32: shift the leading one into place.
  const shift = Math.clz32(fraction) - 21;
  return (sign | ((113 - shift) << 23) | (((fraction << shift) & 0x3ff) << 13)) >>> 0;
}
