/** The table: curves by seeds. */
import { generator } from '../power/simulate.ts';
import { coverage, curves } from './curves.ts';

const draws = 4000;
console.log('curve | seeds | interval by | contains the exponent of many seeds | mean half-width');
for (const curve of curves) {
  for (const seeds of [1, 3, 5, 10]) {
    const { covered, meanHalfWidth } = coverage(curve, seeds, draws, generator(seeds));
    const by = seeds < 3 ? 'fit' : 'seeds';
    console.log(`${curve.name} | ${seeds} | ${by} | ${(100 * covered).toFixed(1)}% | ${meanHalfWidth.toFixed(3)}`);
  }
}
