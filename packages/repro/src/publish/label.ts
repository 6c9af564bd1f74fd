import { sha256 } from '../graph/digest.ts';
import type { ParameterSet } from '../params/load.ts';

const longestReadable = 60;

/**
 * The name that a run's report and records go by: `quick`, or with overrides `quick+base=2,seed=3`, so that a run with
 * `--set` never touches the report of the set itself. Overrides that make no file name, or a long one, become a digest.
 * No set has a `+` in its name.
 */
export function labelOf({ name, overrides }: Pick<ParameterSet, 'name' | 'overrides'>): string {
  if (overrides.length === 0) return name;
  const readable = overrides.join(',');
  const plain = readable.length <= longestReadable && /^[\w.,=-]+$/.test(readable);
  return `${name}+${plain ? readable : sha256(overrides.join('\n')).slice(0, 12)}`;
}
