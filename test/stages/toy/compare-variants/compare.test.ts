import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ModelSummary } from '../../../../stages/toy/artifacts.ts';
import { compareModels } from '../../../../stages/toy/compare-variants/compare.ts';
import { readAs, readingsOfText } from '../../../../stages/toy/readings.ts';

const widths = [8, 16, 32];

function models(loss: (m: number, gamma: number) => number, rest: Partial<ModelSummary> = {}): ModelSummary[] {
  return [0.5, -1].flatMap((gamma) =>
    widths.map(
      (m) => ({ frequencies: 'power-law', alpha: 1, gamma, m, loss: loss(m, gamma), ...rest }) as ModelSummary,
    ),
  );
}

test('each weight decay is a row, with the losses at each m and the exponents fitted to them', () => {
  const text = models((m) => 2 / m);
  const scripts = models((m, gamma) => (gamma < 0 ? 1 / m ** 1.5 : 4 / m)).reverse();
  const { difference, rows } = compareModels('batch-and-steps', text, scripts);
  assert.equal(difference, 'batch-and-steps');
  assert.deepEqual(
    rows.map(({ gamma, m }) => ({ gamma, m })),
    [
      { gamma: -1, m: widths },
      { gamma: 0.5, m: widths },
    ],
  );
  assert.deepEqual(rows[0]!.text.losses, [0.25, 0.125, 0.0625]);
  assert.deepEqual(rows[1]!.scripts.losses, [0.5, 0.25, 0.125]);
  const exponents = rows.map(({ text, scripts }) => [text.exponent!.value, scripts.exponent!.value]);
  [
    [1, 1.5],
    [1, 1],
  ].forEach((pair, i) => pair.forEach((value, j) => assert.ok(Math.abs(exponents[i]![j]! - value) < 1e-12)));
});

test('the final loss of the scripts is that of the last training steps; the other differences compare fresh data', () => {
  const measured = models((m) => 1 / m, { trainingLoss: 7, trainingLossStandardDeviation: 3 });
  const last = compareModels('final-loss', measured, measured).rows[0]!;
  assert.deepEqual([last.text.losses[0], last.scripts.losses[0]], [1 / 8, 7]);
  const scale = compareModels('loss-scale', measured, measured).rows[0]!;
  assert.deepEqual(scale.scripts, scale.text);
});

test('Eq. 4 is set beside the integral without its factor 4/3; where nothing is unlearned there is no exponent', () => {
  const measured = [-1, 0.5].flatMap((gamma) =>
    widths.map((m): ModelSummary => {
      return {
        frequencies: 'power-law',
        alpha: 1,
        gamma,
        m,
        loss: 1,
        unlearnedLoss: gamma < 0 ? 0 : 1 / m,
        unlearnedLossIntegral: gamma < 0 ? 0 : 2 / m,
      } as ModelSummary;
    }),
  );
  const [strong, weak] = compareModels('unlearned-loss', measured, measured).rows;
  assert.equal(strong!.text.exponent, null);
  assert.deepEqual(weak!.text.losses, [1 / 8, 1 / 16, 1 / 32]);
  weak!.scripts.losses.forEach((loss, i) => assert.ok(Math.abs(loss / ((0.75 * 2) / widths[i]!) - 1) < 1e-12));
});

test('unequal or repeated cells are refused by name', () => {
  const text = models((m) => 1 / m);
  assert.throws(
    () => compareModels('loss-scale', text, text.slice(1)),
    /loss-scale: the text's models are gamma -1 m 8, .*, those of the scripts .*: expected the same/,
  );
  assert.throws(
    () => compareModels('loss-scale', [...text, text[0]!], text),
    /loss-scale: two models with gamma 0\.5 and m 8/,
  );
});

test('readings choose among what was measured and change nothing else', () => {
  const [model] = models(() => 1, {
    lossStandardDeviation: 0.1,
    trainingLoss: 2,
    trainingLossStandardDeviation: 0.2,
    unlearnedLoss: 3,
    unlearnedLossIntegral: 4,
    representedFraction: 0.5,
  });
  assert.deepEqual(readAs(model!, readingsOfText), model);
  assert.deepEqual(readAs(model!, { ...readingsOfText, finalLoss: 'last-training' }), {
    ...model,
    loss: 2,
    lossStandardDeviation: 0.2,
  });
  assert.deepEqual(readAs(model!, { ...readingsOfText, unlearnedLoss: 'app-d5' }), { ...model, unlearnedLoss: 3 });
  const linear = { ...model!, unlearnedLossIntegral: null, unlearnedLoss: 5 };
  assert.equal(readAs(linear, { ...readingsOfText, unlearnedLoss: 'app-d5' }).unlearnedLoss, 5);
});
