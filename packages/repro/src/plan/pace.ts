import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalJson } from '../graph/canonical-json.ts';
import { writeAtomically } from '../store/files.ts';

/**
 * How fast the nodes of a stage are: seconds and costs of those that ran, older ones counting less. Each is weighted by
 * its cost, so that small nodes, most of whose time is starting, say little.
 */
export interface Pace {
  readonly seconds: number;
  readonly cost: number;
  /** How many nodes ran, and the cost of the largest. */
  readonly nodes: number;
  readonly largestCost: number;
}

/** What a node keeps of its weight with each one after it: the last twenty or so decide. */
const decay = 0.95;

/** The pace once a node of this cost has taken so many seconds. */
export function withNode(pace: Pace | undefined, cost: number, seconds: number): Pace | undefined {
  if (!(cost > 0 && Number.isFinite(cost) && seconds > 0)) return pace;
  const { seconds: s = 0, cost: c = 0, nodes = 0, largestCost = 0 } = pace ?? {};
  return {
    seconds: decay * s + seconds,
    cost: decay * c + cost,
    nodes: nodes + 1,
    largestCost: Math.max(largestCost, cost),
  };
}

export function secondsPerCost({ seconds, cost }: Pace): number {
  return seconds / cost;
}

/** Paces by stage and numeric class: see `paceName`. */
export type Paces = Map<string, Pace>;

export function paceName(stage: string, numericClass: string | undefined): string {
  return numericClass === undefined ? stage : `${stage} ${numericClass}`;
}

const fileName = 'paces.json';

/** What runs of a store have measured. Losing it costs an estimate, nothing else. */
export function readPaces(storeDirectory: string): Paces {
  try {
    const stored = JSON.parse(readFileSync(join(storeDirectory, fileName), 'utf8')) as Record<string, Pace>;
    return new Map(Object.entries(stored).filter(([, pace]) => pace.seconds > 0 && pace.cost > 0));
  } catch {
    return new Map();
  }
}

export function writePaces(storeDirectory: string, paces: Paces): void {
  writeAtomically(join(storeDirectory, fileName), canonicalJson(Object.fromEntries(paces)) + '\n');
}
