import { overlapStatistics } from '../../numerics/overlaps.ts';
import { measureWith } from './measure-with.ts';

export const run = measureWith(overlapStatistics);
