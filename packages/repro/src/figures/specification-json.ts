/**
 * A specification as a file: canonical like every JSON output, but with a line for each row of data and each short
 * value, so that a person can read it and a diff shows what changed.
 */
import { canonicalJson } from '../runtime.ts';

const longestLine = 110;

export function specificationJson(value: unknown): string {
  return lay(value, '') + '\n';
}

function lay(value: unknown, indent: string): string {
  const flat = canonicalJson(value);
  if (value === null || typeof value !== 'object' || indent.length + flat.length <= longestLine) return flat;
  const deeper = `${indent}  `;
  if (Array.isArray(value)) {
    const isRows = value.every((row) => row !== null && typeof row === 'object') && indent.length > 0;
    const items = value.map((item: unknown) =>
      isRows && isFlat(item as object) ? canonicalJson(item) : lay(item, deeper),
    );
    return `[\n${items.map((item) => deeper + item).join(',\n')}\n${indent}]`;
  }
  const record = value as Record<string, unknown>;
  const members = Object.keys(record)
    .filter((key) => record[key] !== undefined)
    .sort()
    .map((key) => `${deeper}${JSON.stringify(key)}: ${lay(record[key], deeper)}`);
  return `{\n${members.join(',\n')}\n${indent}}`;
}

function isFlat(row: object): boolean {
  return Object.values(row).every((member) => member === null || typeof member !== 'object');
}
