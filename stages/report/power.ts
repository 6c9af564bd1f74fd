/** Which claims a set decides, found by `bench/power` by simulation and kept in stages/report/power.json. */
import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import { json } from 'repro';

/** A set decides a claim if a true one passes at least as often, */
export const leastTrue = 0.9;
/** and the smallest false one that would matter at most as often. */
export const mostFalse = 0.1;

const probability = Type.Union([Type.Number({ minimum: 0, maximum: 1 }), Type.Null()]);

const number = Type.Union([Type.Number(), Type.Null()]);
const count = Type.Integer({ minimum: 0 });

const Scale = Type.Object({
  cells: Type.Object({ planned: count, excluded: count, used: count }),
  /** Fewest in a cell. */
  seeds: count,
  standardError: number,
  /** Half of the width of the 95% interval. */
  halfWidth: number,
  /** Of a distance from a rule: the standard deviation of the exponent of each cell. */
  cellNoise: Type.Union([Type.Array(Type.Number()), Type.Null()]),
});

const PartPower = Type.Object({
  id: Type.String(),
  /** Probability that the rule says *reproduced* where the part is true; null where it cannot be said. */
  holds: probability,
  /** The same where it is false by the smallest effect that would matter. */
  fails: probability,
  /** Probability that another master seed has the verdict of this set, where the truth is what it measured, less the noise. */
  repeats: probability,
  /** Between seeds: standard deviation of what is measured or, of a share, probability that a cell flips. */
  noise: number,
  /** The cells and seeds of the set, and the errors that it reports: what was simulated. Null where nothing was. */
  scale: Type.Union([Scale, Type.Null()]),
  /** Why it cannot be said; else empty. */
  reason: Type.String(),
});
export type PartPower = Static<typeof PartPower>;

const ClaimPower = Type.Object({
  decides: Type.Boolean(),
  /** Why not; empty if it does. */
  reason: Type.String(),
  /** Product over the parts. */
  holds: Type.Number(),
  /** Largest of the parts. */
  fails: Type.Number(),
  /** Product over the parts: how often another master seed gives all verdicts again; null where it cannot be said. */
  repeats: probability,
  parts: Type.Array(PartPower),
});
export type ClaimPower = Static<typeof ClaimPower>;

export const PowerTable = json(
  'power',
  Type.Object({
    /** Simulated measurements for each probability. */
    draws: Type.Integer({ minimum: 1 }),
    /** Master seeds between which the noise was measured. */
    seeds: Type.Integer({ minimum: 0 }),
    /** Set -> claim. */
    sets: Type.Record(Type.String(), Type.Record(Type.String(), ClaimPower)),
  }),
);
export type PowerTable = {
  readonly draws: number;
  readonly seeds: number;
  readonly sets: Readonly<Record<string, Readonly<Record<string, ClaimPower>>>>;
};
