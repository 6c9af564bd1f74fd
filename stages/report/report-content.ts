import type { FigureCaption, ValueOf } from 'repro';
import type { Claim, ClaimResult } from 'repro/claims';
import type { FirstSteps } from '../toy/first-steps/artifact.ts';
import type { PublishedPointsContent } from '../published/points.ts';
import type { FittedSweepContent, VariantComparison } from '../toy/artifacts.ts';
import type { Finding } from './beyond/finding.ts';
import type { Observation } from './beyond/left-out.ts';
import type { Multiverse } from './multiverse/judge-worlds.ts';
import type { ClaimPower } from './power.ts';
import type { TrainersTable } from './trainers.ts';

/** What the report is about: its sections take it apart. */
export interface ReportContent {
  readonly set: string;
  readonly title: string;
  readonly description: string;
  readonly claims: readonly Claim[];
  readonly results: readonly ClaimResult[];
  readonly decides: readonly string[];
  readonly captions: readonly ValueOf<typeof FigureCaption>[];
  readonly variants: readonly ValueOf<typeof VariantComparison>[];
  readonly beyond: readonly Finding[];
  readonly observed: readonly Observation[];
  readonly sweeps: readonly FittedSweepContent[];
  readonly points: PublishedPointsContent;
  readonly multiverse: Multiverse;
  /** By claim, and between how many seeds the noise was measured; undefined for a set whose rules were not simulated. */
  readonly power: { readonly seeds: number; readonly claims: Readonly<Record<string, ClaimPower>> } | undefined;
  /** One small model followed from both sets of initial biases. */
  readonly firstSteps?: ValueOf<typeof FirstSteps> | undefined;
  /** Three trainers, with zero and with random biases. */
  readonly trainers?: ValueOf<typeof TrainersTable> | undefined;
}
