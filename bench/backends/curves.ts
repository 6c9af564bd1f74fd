/** See README.md. */
import { parseArgs } from 'node:util';
import { baseline, compareTrainers, comparisonLines, trainersHere } from './compare.ts';

const { values } = parseArgs({ options: { batch: { type: 'string', default: '256' } } });
const batch = Number(values.batch);
if (!Number.isInteger(batch) || batch < 1) throw new Error(`--batch ${values.batch}: expected a whole number from 1`);
const { trainers, absent } = await trainersHere();
for (const { name, device } of trainers) console.log(`${name}: ${device}`);
for (const reason of absent) console.log(`not here: ${reason}`);
const comparisons = await compareTrainers(trainers, batch);
for (const line of comparisonLines(comparisons, 10)) console.log(line);
const exponent = comparisons.find(({ name }) => name === baseline)!.exponent;
const far = comparisons.filter(
  (each) => !(each.lossDeviation <= 1e-3) || !(Math.abs(each.exponent - exponent) <= 0.05),
);
if (far.length) {
  console.log(
    `TOO FAR APART: ${far.map(({ name }) => name).join(', ')}: losses may deviate by 1e-3, exponents by 0.05`,
  );
  process.exitCode = 1;
}
