/**
 * JSON with one spelling per value: keys by code point, numbers in shortest round-trip form, no white space,
 * absent (undefined) members left out. Throws a TypeError on what JSON cannot hold: NaN, infinities, functions.
 */
export function canonicalJson(value: unknown): string {
  return encode(value, '$');
}

function encode(value: unknown, path: string): string {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return JSON.stringify(value);
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError(`${path} = ${value}: JSON holds finite numbers only`);
      return JSON.stringify(value);
    case 'object': {
      if (value === null) return 'null';
      if (Array.isArray(value)) {
        let text = '[';
        for (let i = 0; i < value.length; i++) text += (i ? ',' : '') + encode(value[i] ?? null, `${path}[${i}]`);
        return text + ']';
      }
      const record = value as Record<string, unknown>;
      const keys = Object.keys(record).filter((key) => record[key] !== undefined);
      if (keys.length > 1) keys.sort(byCodePoint);
      let text = '{';
      for (let i = 0; i < keys.length; i++) {
        const key = keys[i]!;
        text += (i ? ',' : '') + JSON.stringify(key) + ':' + encode(record[key], `${path}.${key}`);
      }
      return text + '}';
    }
    default:
      throw new TypeError(`${path}: JSON cannot hold a ${typeof value}`);
  }
}

/** Unlike `<` on strings, which compares UTF-16 code units, so that every language sorts alike. */
export function byCodePoint(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    let x = a.charCodeAt(i);
    let y = b.charCodeAt(i);
    if (x === y) continue;
    if (x >= 0xd800 && y >= 0xd800) {
      x = x >= 0xe000 ? x - 0x800 : x + 0x2000;
      y = y >= 0xe000 ? y - 0x800 : y + 0x2000;
    }
    return x - y;
  }
  return a.length - b.length;
}
