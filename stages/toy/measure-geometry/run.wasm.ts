import { overlapStatistics } from '../../../numerics/geometry/overlaps.ts';
import { measureWith } from './measure-with.ts';

export const run = measureWith(overlapStatistics);
