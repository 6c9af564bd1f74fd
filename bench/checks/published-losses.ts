/** The authors' own losses, fitted by the code of the fit-losses stage; exit code 1 if a number is not the known one. */
import { readFileSync } from 'node:fs';
import { fitLosses } from '../../stages/language/fit-losses/fit.ts';
import { fitSizes } from '../../stages/language/fit-sizes/fit.ts';

const [path] = process.argv.slice(2);
if (path === undefined) {
  console.error('usage: node bench/checks/run.mjs LOSSES.csv');
  process.exit(2);
}

const [head, ...lines] = readFileSync(path, 'utf8')
  .trim()
  .split('\n')
  .map((line) => line.split(','));
const column = (name: string): number => head!.indexOf(name);
const points = lines.map((cells) => ({
  family: cells[column('model_class')]!,
  model: cells[column('model')]!,
  dataset: cells[column('dataset')]!,
  m: Number(cells[column('m')]),
  loss: Number(cells[column('loss')]),
  texts: 0,
  tokens: 0,
}));

let wrong = 0;
function check(name: string, value: number, expected: number, tolerance: number): void {
  const ok = Math.abs(value - expected) <= tolerance;
  if (!ok) wrong++;
  console.log(`${ok ? 'as known ' : 'DIFFERENT'}  ${name}: ${value.toPrecision(5)} (known: ${expected})`);
}

const fits = fitLosses(points, 1000, { k0: 1, k1: 2 });
const { law, bootstrap, leaveOneOut, families, linear, commonSlope } = fits;
check('exponent a', law.exponent, 0.91, 0.0005);
check('its standard error by the Jacobian', law.standardError, 0.059, 0.0005);
check('C', law.coefficient, 476.5, 0.05);
check('mean square error, no worse than', law.meanSquareError, 0.0052, 0.00005);
const without = leaveOneOut.map(({ exponent }) => exponent);
check('smallest a without one model', Math.min(...without), 0.75, 0.005);
check('largest a without one model', Math.max(...without), 0.96, 0.005);
for (const [family, expected] of [
  ['opt', 0.68],
  ['Qwen', 0.38],
  ['gpt2', 2.4],
  ['pythia', 1.07],
] as const) {
  check(
    `a of ${family} alone`,
    families.find((one) => one.family === family)?.exponent ?? Number.NaN,
    expected,
    expected > 2 ? 0.05 : 0.005,
  );
}
const narrow = points.map((point) => (point.model === 'opt-350m' ? { ...point, m: 512 } : point));
check("a with opt-350m at its head's width", fitLosses(narrow, 10, { k0: 1, k1: 2 }).law.exponent, 0.6, 0.005);
console.log(
  `bootstrap over models: ${bootstrap.standardError.toFixed(3)}, 95% of the draws from ${bootstrap.low.toFixed(2)} to ${bootstrap.high.toFixed(2)}`,
);
console.log(
  `L linear in 1/m: R^2 from ${Math.min(...linear.map(({ r2 }) => r2)).toFixed(3)} to ${Math.max(...linear.map(({ r2 }) => r2)).toFixed(3)} over ${linear.length} groups; one slope for all: F = ${commonSlope!.f.toFixed(2)}, p = ${commonSlope!.p.toExponential(1)}`,
);

const read = (name: string): never => JSON.parse(readFileSync(`params/published/${name}.json`, 'utf8')) as never;
const { chinchilla, families: sizes } = fitSizes(read('language-models'), read('chinchilla-models'), 1000, {
  families: { k0: 3, k1: 4 },
  chinchilla: { k0: 5, k1: 6 },
});
check("exponent of Chinchilla's sizes", chinchilla.fit.slope, 2.523, 0.0005);
check('its standard error', chinchilla.fit.standardError, 0.026, 0.0005);
check('alpha_m from it', chinchilla.modelExponent.value, 0.88, 0.005);
check('its error in quadrature', chinchilla.modelExponent.uncertainty, 0.05, 0.005);
for (const [name, fit] of Object.entries(sizes))
  console.log(
    `families, ${name}: ${fit.slope.toFixed(3)} +- ${fit.standardError.toFixed(3)}, bootstrap ${fit.bootstrap.standardError.toFixed(3)}`,
  );
process.exitCode = wrong ? 1 : 0;
