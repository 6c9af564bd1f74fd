import { evaluateWith } from './evaluate-texts.ts';

export const run = evaluateWith('cpu');
