import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatNumber } from 'repro/claims';
import { biasControls, controlsText, openControls } from '../../../stages/report/sections/bias-controls.ts';
import { initialBiasSection } from '../../../stages/report/sections/initial-biases.ts';
import type { FittedSweepContent, ModelSummary } from '../../../stages/toy/artifacts.ts';
import { fitSweep } from '../../../stages/toy/fit-exponents/fit.ts';
import { idealSources } from './ideal-sweeps.ts';

const [ideal] = idealSources().sweeps;
const strong = ideal!.models.find(({ gamma, alpha, m }) => Math.abs(gamma + 5 / 9) < 1e-6 && alpha === 1 && m === 18)!;
const weak = { ...strong, gamma: 1 / 3 };
const random = { initialBias: { mean: 0, standardDeviation: 1 } };
const zero = { initialBias: { mean: 0, standardDeviation: 0 } };

/** Seeds whose losses have this geometric mean: it over `spread`, itself, it times `spread`. */
const seeds = (model: ModelSummary, loss: number, spread = 1.1): ModelSummary[] =>
  [1 / spread, 1, spread].map((factor, replicate) => ({ ...model, loss: factor * loss, replicate }));

const small = fitSweep('small', [], [...seeds({ ...strong, ...random }, 0.4), ...seeds({ ...weak, ...random }, 0.9)]);
const started = fitSweep(
  'small-zero-bias',
  [],
  [...seeds({ ...strong, ...zero }, 0.2, 1.001), ...seeds({ ...weak, ...zero }, 0.3, 1.001)],
);

/** One change in both cells, with the losses over those of the unchanged. */
function control(
  name: string,
  change: Partial<ModelSummary>,
  [strongZero, strongRandom, weakZero, weakRandom]: readonly [number, number, number, number],
): FittedSweepContent {
  return fitSweep(
    name,
    [],
    [
      { ...strong, ...zero, ...change, loss: 0.2 * strongZero },
      { ...strong, ...random, ...change, loss: 0.4 * strongRandom },
      { ...weak, ...zero, ...change, loss: 0.3 * weakZero },
      { ...weak, ...random, ...change, loss: 0.9 * weakRandom },
    ],
  );
}
const epsilon = control('control-epsilon', { epsilon: 1e-6 }, [1.001, 1.05, 0.999, 0.98]);
const scale = control('control-loss-scale', { lossScale: strong.n }, [1, 1, 1, 1.1]);
const steps = (...ratios: [number, number, number, number]): FittedSweepContent =>
  control('control-steps', { steps: 2 * strong.steps }, ratios);

test('controls: each changed model is compared with the seeds of the unchanged one', () => {
  const found = biasControls([small, started, epsilon]);
  assert.deepEqual(
    found.map(({ model, changed, ratio, unchangedRatio }) => [
      model.gamma < 0 ? 'strong' : 'weak',
      ...[changed.zero.ratio, changed.normal.ratio, ratio, unchangedRatio].map(formatNumber),
    ]),
    [
      ['strong', '1.00', '1.05', '2.10', '2.00'],
      ['weak', '0.999', '0.980', '2.94', '3.00'],
    ],
  );
  // Student's t of two degrees of freedom, 4.303, times the deviation of the logarithms and the root of 1 + 1/3.
  const [low, high] = found[0]!.changed.normal.expected!;
  const half = 4.302653 * Math.log(1.1) * Math.sqrt(4 / 3);
  assert.ok(Math.abs(Math.log(high) - half) < 1e-6 && Math.abs(Math.log(low) + half) < 1e-6);
});

test('controls: the table and the sentences are those of the losses', () => {
  const [text, table] = controlsText([small, started, epsilon, scale, steps(0.9, 0.92, 0.999, 1.2)]);
  for (const sentence of [
    `*Controls* (n = ${strong.n}; γ = −0.556, 0.333; α = 1; m = 18; one seed). With one thing changed at a time, the loss from random biases, over that from zero ones, is 2.00 to 2.10 under strong superposition (unchanged: 2.00) and 2.94 to 3.60 under weak superposition (unchanged: 3.00): it is the higher one in each of the 6 comparisons.`,
    'ε of Adam 1e−6 in place of 1e−8: 0.1% from zero biases and 5% from random ones;',
    'in place of their mean (the scripts): 0% from zero biases and 10% from random ones;',
    `${2 * strong.steps} steps in place of ${strong.steps}: 10% from zero biases and 20% from random ones.`,
    'Of 12 losses one is outside the 95% prediction interval for another seed of the unchanged model (bold; 1 from zero biases, 0 from random ones); about 0.6 would be by chance.',
    'At γ = −0.556 twice the steps lower the loss from zero biases by 10% (more than another seed would: not converged) and from random ones by 8% (seeds differ too much to say whether it has converged); random over zero is then 2.04, unchanged 2.00.',
    'At γ = 0.333 twice the steps lower the loss from zero biases by 0.1% (at most 3%: converged) and from random ones not at all (seeds differ too much to say whether it has converged); random over zero is then 3.60, unchanged 3.00.',
  ])
    assert.ok(text!.includes(sentence), `${sentence}\n${text!}`);
  assert.match(
    table!,
    /\| γ = 0\.333, α = 1, m = 18 \| ε of Adam 1e−6 in place of 1e−8 \| 0\.300 \| 0\.999 \(0\.995 to 1\.005\) \| 0\.882 \| 0\.980 \(0\.623 to 1\.606\) \| 2\.94 \| 3\.00 \|/,
  );
  assert.equal(table!.match(/^\| γ/gm)!.length, 6);
  assert.deepEqual(table!.match(/\*\*.*?\*\*/g), ['**0.900**']);
});

test('controls: a loss that a longer training lowers by little has converged; with one seed that is not known', () => {
  const text = controlsText([small, started, steps(0.98, 1.02, 0.999, 1.01)])[0]!;
  assert.match(
    text,
    /At γ = −0\.556 .* from zero biases by 2% \(at most 3%: converged\) and from random ones not at all/,
  );
  // Seeds that differ by a hundredth: one more is within 5%.
  const wider = fitSweep('small-zero-bias', [], [...seeds({ ...strong, ...zero }, 0.2, 1.01)]);
  assert.match(
    controlsText([small, wider, steps(0.96, 1, 1, 1)])[0]!,
    /from zero biases by 4% \(another seed may do as much: not decided\)/,
  );
  // Of two m, the one that is lowered more.
  const at = (sweep: FittedSweepContent, factor: number): FittedSweepContent => {
    const others = sweep.models.map((model) => ({ ...model, m: 22, loss: factor * model.loss }));
    return fitSweep(sweep.experiment, [], [...sweep.models, ...others]);
  };
  assert.match(
    controlsText([at(small, 1), at(started, 1), at(steps(0.99, 1, 1, 1), 0.9)])[0]!,
    /At γ = −0\.556 .* from zero biases by 10\.9% \(more than another seed would: not converged\)/,
  );
  const reversed = controlsText([small, started, steps(1, 0.4, 1, 1)])[0]!;
  assert.match(reversed, /it is the higher one in 1 of the 2 comparisons\./);
  const single = [small, started].map(({ experiment, models }) =>
    fitSweep(
      experiment,
      [],
      models.filter(({ replicate }) => replicate === 1),
    ),
  );
  const one = controlsText([...single, steps(0.9, 1, 1, 1)])[0]!;
  assert.match(one, /by 10% \(too few seeds to say whether it has converged\)/);
  assert.doesNotMatch(one, /prediction interval/);
});

test('controls: nothing is said where a side is not there, and what is planned is said', () => {
  assert.deepEqual(controlsText([small, started]), []);
  assert.deepEqual(controlsText([small, epsilon]), []);
  const { models } = epsilon;
  assert.deepEqual(controlsText([small, started, fitSweep('control-epsilon', [], [models[0]!])]), []);
  const half = fitSweep('control-epsilon', [], models.slice(0, 2), models.slice(2));
  assert.equal(biasControls([small, started, half]).length, 1);
  assert.deepEqual(openControls([small, started, half, scale]), ['2 of the 8 models with one thing changed']);
  assert.deepEqual(openControls([small, started, epsilon]), []);
});

test('controls: models with one thing changed are in no pair and no verdict of the section', () => {
  const widths = [10, 18, 27];
  const curve = (name: string, exponent: number, bias: Partial<ModelSummary>) =>
    fitSweep(
      name,
      [],
      widths.map((m) => ({ ...strong, ...bias, m, loss: m ** -exponent })),
    );
  const sweeps = [curve('small', 1, random), curve('small-zero-bias', 2, zero)];
  const section = (all: FittedSweepContent[]): string[] =>
    initialBiasSection({ sweeps: all, results: [], captions: [] });
  const before = section(sweeps);
  const after = section([...sweeps, epsilon]);
  assert.ok(after.some((block) => block.startsWith('*Controls*')));
  assert.deepEqual(
    before.filter((block) => !after.includes(block)),
    [],
  );
});
