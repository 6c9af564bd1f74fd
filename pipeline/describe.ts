import { gridValues } from './parameter-types.ts';
import type { Parameters } from './parameters.ts';
import { repeatedCells, smallCells } from './small.ts';

/** What a parameter set runs, in a sentence or two, for the head of the report. */
export function describeSet({
  small,
  density,
  wide,
  large,
  insensitivity,
  breakdown,
  initialBias,
  variants,
  readings,
  replicates,
  seed,
}: Parameters): string {
  const trained = smallCells(small);
  const others = Object.entries({
    density,
    wide,
    insensitivity,
    breakdown,
    'initial biases': initialBias,
    'text and scripts side by side': variants,
    'rows of unit norm': small.unitRows || undefined,
  }).flatMap(([name, experiment]) => (experiment ? [name] : []));
  const largeModels = large
    ? ` Large models: n = ${large.n}, m = ${large.m.join(', ')}, ${large.distributions.map(({ frequencies }) => frequencies).join(', ')} frequencies, γ = ${gridValues(large.gamma).map(short).join(', ')}.`
    : '';
  const repeated = repeatedCells({ small, replicates });
  const furtherSeeds = replicates.small.count - 1;
  return (
    `The small sweep trains ${trained === 1 ? 'one model' : `${trained} models`} with n = ${small.n} features and m = ${small.m.join(', ')}: ` +
    `${rangeOf('data exponent', 'α', gridValues(small.alpha), String)}, ${rangeOf('weight decay', 'γ', gridValues(small.gamma), short)}, ` +
    (small.leftOut?.length ? 'not all combinations, ' : '') +
    `${small.training.steps} steps of ${small.training.batch} samples each` +
    (repeated
      ? `; ${repeated} of them again under ${furtherSeeds === 1 ? 'one other seed' : `${furtherSeeds} other seeds`}`
      : '') +
    `. Master seed ${seed}.` +
    largeModels +
    (others.length ? ` Besides: ${others.join(', ')}.` : '') +
    (readings.finalLoss === 'last-training'
      ? " Losses are means of the last 100 training losses, as in the authors' scripts, not those on fresh data."
      : '') +
    (readings.unlearnedLoss === 'app-d5'
      ? ' For power laws, "Eq. 4" is read as the formula of App. D.5, without the factor 4/3.'
      : '')
  );
}

/** "one weight decay γ = −1", "17 data exponents α from 0 to 2": whatever their order. */
function rangeOf(noun: string, symbol: string, values: readonly number[], show: (value: number) => string): string {
  const [low, high] = [Math.min(...values), Math.max(...values)].map(show);
  return values.length === 1
    ? `one ${noun} ${symbol} = ${low}`
    : `${values.length} ${noun}s ${symbol} from ${low} to ${high}`;
}

/** Three decimals and a true minus sign: −0.556 for −5/9. */
function short(value: number): string {
  return String(Number(value.toFixed(3))).replace('-', '−');
}
