/**
 * The first key that stands twice in one object of a JSON text, which must be valid. JSON.parse keeps the last one in
 * silence, and another reader of the same file may keep the first.
 */
export function duplicateKey(json: string): string | undefined {
  /** Keys of the open objects; undefined for an open array. */
  const open: (Set<string> | undefined)[] = [];
  const token = /"(?:[^"\\]|\\.)*"|[{}[\],:]/g;
  let isKey = false;
  for (let match = token.exec(json); match; match = token.exec(json)) {
    const [text] = match;
    const keys = open.at(-1);
    if (text === '{') open.push(new Set());
    else if (text === '[') open.push(undefined);
    else if (text === '}' || text === ']') open.pop();
    else if (text[0] === '"' && isKey && keys) {
      const key = JSON.parse(text) as string;
      if (keys.has(key)) return key;
      keys.add(key);
    }
    isKey = text === '{' || (text === ',' && open.at(-1) !== undefined);
  }
  return undefined;
}
