import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import { FigureData } from '../../../stages/figures/figure-data.ts';
import { drawOrSayWhyNot, page, renderPng, renderSvg, specificationJson } from 'repro/figures';
import type { Figure, Point } from 'repro/figures';
import { localSlopes } from '../../../stages/figures/figures/breakdown.ts';
import { figureIds, figures } from '../../../stages/figures/index.ts';
import type { FigureInputs } from '../../../stages/figures/figure-data.ts';
import { experimentsFor } from '../../../stages/figures/needs.ts';
import { nameFields } from '../../../packages/repro/src/figures/name-fields.ts';
import { distance, scenePanels } from './scene.ts';
import { quickScale, syntheticInputs } from './synthetic.ts';

const everything = ['small', 'density', 'wide', 'large', 'breakdown', 'unit-norm', 'small-zero-bias'];

const bothRegimes = [{ gamma: -1 }, { gamma: 1 }];
const named = (names: readonly string[], models = bothRegimes) => names.map((experiment) => ({ experiment, models }));

const needsOf = (figure: string) => figures.get(figure)!.needs;

function drawn(figure: string, inputs: FigureInputs): Figure {
  const definition = figures.get(figure)!;
  return definition.draw(new FigureData(definition, inputs));
}

function draw(figure: string, available: readonly string[] = everything): Figure {
  return drawn(figure, syntheticInputs(figure, experimentsFor(needsOf(figure), named(available))!));
}

const schema = new Ajv({ strict: false, allErrors: false, validateFormats: false, code: { optimize: false } }).compile(
  JSON.parse(readFileSync(createRequire(import.meta.url).resolve('vega-lite/vega-lite-schema.json'), 'utf8')) as object,
);

for (const figure of figureIds) {
  for (const available of needsOf(figure).standIn ? [everything, ['small']] : [everything]) {
    test(`figure ${figure}${available === everything ? '' : ' (stand-in)'} is a valid specification, renders without a warning, and says what is seen`, async () => {
      const { specification, caption } = draw(figure, available);
      const file = specificationJson(nameFields(specification));
      const read = JSON.parse(file) as Record<string, unknown>;
      assert.ok(schema(read), JSON.stringify(schema.errors?.slice(0, 3)));
      assert.ok(!file.includes('"url"'), 'data are inline');
      const { svg, warnings } = await renderSvg(read);
      assert.deepEqual(warnings, []);
      assert.deepEqual(
        JSON.parse(file),
        JSON.parse(JSON.stringify(nameFields(draw(figure, available).specification))),
        'the file says what the value says, and a figure is drawn the same each time',
      );
      assert.doesNotMatch(svg, /NaN|undefined|Infinity/);
      assertPrintable(svg);
      assert.match(caption, /^[^a-z].*\.$/s);
      assert.doesNotMatch(caption, /NaN|undefined|Infinity/);
      assert.ok(file.length < 400_000, `${file.length} bytes`);
    });
  }
}

/** At most two journal columns wide, and no text below 7 points at that size. */
function assertPrintable(svg: string): void {
  const width = Number(/viewBox="0 0 ([\d.]+) /.exec(svg)![1]);
  assert.ok(width <= page, `${width} units are ${width / 96} inches`);
  for (const [, size] of svg.matchAll(/font-size="([\d.]+)px"/g))
    assert.ok((Number(size) * 72) / 96 >= 7, `text of ${Number(size) * 0.75} points`);
}

/** Encodings of points whose kinds a legend tells apart by colour. */
function colouredPoints(specification: unknown): { color: { field: string }; shape?: { field?: string } }[] {
  if (specification === null || typeof specification !== 'object') return [];
  const { mark, encoding } = specification as { mark?: { type?: string }; encoding?: Record<string, unknown> };
  const { type, legend } = (encoding?.['color'] ?? {}) as { type?: string; legend?: unknown };
  if (mark?.type === 'point' && (type === 'nominal' || type === 'ordinal') && legend !== null)
    return [encoding as { color: { field: string } }];
  return Object.values(specification).flatMap(colouredPoints);
}

test('what the colour of a point says, its shape says too, so that no figure needs its colours', () => {
  const wrong = figureIds.filter((figure) =>
    colouredPoints(draw(figure).specification).some(({ color, shape }) => shape?.field !== color.field),
  );
  assert.deepEqual(wrong, []);
});

test('each line of theory is named where no line runs through its name, and nearer to it than to another', async () => {
  const named: string[] = [];
  const wrong: string[] = [];
  for (const figure of figureIds) {
    const { specification } = draw(figure);
    if (!/"strokeDash"/.test(JSON.stringify(specification))) continue;
    for (const { lines, labels } of await scenePanels(specification)) {
      const dashed = lines.filter((line) => line.dashed);
      for (const { text, box, own } of labels) {
        if (!own) continue;
        named.push(`${figure} ${text}`);
        const others = dashed.filter((line) => line !== own).map((line) => distance(box, line));
        const near = distance(box, own);
        const where = `${figure}: "${text}" is ${near.toFixed(1)} px from its line`;
        if (near === 0 || near > 24) wrong.push(where);
        else if (others.some((other) => other <= near))
          wrong.push(`${where}, ${Math.min(...others).toFixed(1)} px from another`);
      }
    }
  }
  assert.deepEqual(wrong, []);
  assert.ok(new Set(named).size > 8, named.join('; '));
});

test('no point lies below a label, where the points are those that the authors published', async () => {
  for (const figure of ['8a', '8b']) {
    let compared = 0;
    const { specification } = drawn(figure, { ...syntheticInputs(figure, []), language: {} });
    for (const { labels, points } of await scenePanels(specification))
      for (const { text, box } of labels) {
        compared += points.length;
        assert.ok(
          points.every(({ x1, x2, y1, y2 }) => x2 < box.x1 || x1 > box.x2 || y2 < box.y1 || y1 > box.y2),
          `${figure}: "${text}" meets a point`,
        );
      }
    assert.ok(compared > 0, `${figure}: labels and points`);
  }
});

/** All rows of data in a specification that have the given fields. */
function rowsWith(specification: unknown, ...fields: string[]): Record<string, number>[] {
  if (specification === null || typeof specification !== 'object') return [];
  const own = (specification as { values?: unknown }).values;
  if (Array.isArray(own) && typeof own[0] === 'object')
    return own.filter((row: object) => fields.every((field) => field in row)) as Record<string, number>[];
  return Object.values(specification).flatMap((member) => rowsWith(member, ...fields));
}

const cells = quickScale.alphas.length * quickScale.gammas.length;

test('each figure has a mark for each cell it is about', () => {
  assert.equal(rowsWith(draw('3b').specification, 'value').length, cells);
  assert.equal(rowsWith(draw('4b').specification, 'value').length, cells + 170, 'and the authors’ cells');
  assert.equal(rowsWith(draw('13').specification, 'value').length, cells * quickScale.widths.length);
  assert.equal(rowsWith(draw('5a').specification, 'gamma').length, cells * quickScale.widths.length);
  assert.equal(rowsWith(draw('6a').specification, 'strong').length, quickScale.n);
  // Error bars and points of nine alphas at three gammas, and of the cells of Fig. 5b: 5 of 90, as the paper's 9 of 170.
  assert.equal(rowsWith(draw('6e').specification, 'gamma', 'low').length, 2 * (9 * 3 + 5));
  assert.equal(
    rowsWith(drawn('6c', { ...syntheticInputs('6c', ['small']), published: undefined }).specification, 'alpha').length,
    2 * quickScale.alphas.length * quickScale.widths.length,
  );
});

/** Marks without a filling. */
function hollowRows(specification: unknown): unknown[] {
  if (specification === null || typeof specification !== 'object') return [];
  const { mark, data } = specification as { mark?: { filled?: boolean; type?: string }; data?: { values: unknown[] } };
  if (mark?.type === 'point' && mark.filled === false) return data!.values;
  return Object.values(specification).flatMap(hollowRows);
}

test("the authors' own points are hollow in every figure that shows them, and the caption says whose they are", () => {
  const counts = { '1b': 24, '1d': 24, '3a': 60, '5b': 9, '6e': 60, '7a': 90, '7b': 30, '8a': 25 };
  for (const [figure, count] of Object.entries(counts)) {
    const { specification, caption } = draw(figure);
    assert.equal(hollowRows(specification).length, count, figure);
    assert.match(caption, /Hollow: the points of the authors' figure/, figure);
  }
  assert.ok(hollowRows(draw('6c').specification).length > 20);
  for (const figure of figureIds) {
    const { published, publishedInstead } = needsOf(figure);
    const shows = hollowRows(draw(figure).specification).length > 0;
    if (shows && figure !== '2c') assert.ok(published, `${figure} shows them without needing them`);
    if (published && !publishedInstead) assert.match(draw(figure).caption, /arXiv:2505\.10465/, figure);
  }
});

test('features beyond reach: their share of the loss at the largest m, and no model that began with other biases', () => {
  // of every synthetic model they make a fifth of the loss
  assert.match(draw('beyond-reach').caption, /^At m = \d+ features beyond reach make 20% \(exponential decay\), 20% /);
  const inputs = syntheticInputs('beyond-reach', everything);
  const zero = inputs.sweeps.map((sweep) => ({
    ...sweep,
    models: sweep.models.map((model) => ({ ...model, initialBias: { mean: 0, standardDeviation: 0 } })),
  }));
  assert.throws(() => drawn('beyond-reach', { ...inputs, sweeps: zero }), { name: 'NothingToDraw' });
});

test('without language models, their figures show the published points and say so', async () => {
  for (const figure of ['8a', '8b', '21']) {
    const { specification, caption } = drawn(figure, { ...syntheticInputs(figure, []), language: {} });
    assert.deepEqual((await renderSvg(specification)).warnings, []);
    assert.match(caption, /published points, not measured again/, figure);
    assert.match(JSON.stringify(specification), /Published points, not measured again: 2[57] /, figure);
  }
  const beside = drawn('1d', { ...syntheticInputs('1d', everything), language: {} });
  assert.equal(hollowRows(beside.specification).length, 24 + 107);
  assert.match(beside.caption, /27 language models, as the authors' figure shows it: published points/);
  const alone = drawn('8b', { ...syntheticInputs('8b', []), language: {} });
  for (const { caption } of [beside, alone])
    assert.match(
      caption,
      /slope −0\.96 .* Eq\. 8 .* 0\.91 ± 0\.06\. .* leaves out the 1 of 108 losses that lies below/,
    );
});

/** The points of the dashed lines. */
function theoryLines(specification: unknown): { x: number; y: number }[][] {
  const { layer } = specification as {
    layer: { mark: { type: string; strokeDash?: unknown }; data: { values: { x: number; y: number }[] } }[];
  };
  return layer.filter(({ mark }) => mark.type === 'line' && mark.strokeDash).map(({ data }) => data.values);
}

const close = (actual: number, expected: number): void =>
  assert.ok(Math.abs(actual - expected) <= 1e-5 * Math.max(1, Math.abs(expected)), `${actual}, expected ${expected}`);

test('the lines of theory are where the theory puts them', () => {
  const { n } = quickScale;
  const [bound, floor] = theoryLines(draw('6c').specification);
  for (const { x, y } of bound!) close(y, Math.min(1, x ** 2 / (2 * n)));
  for (const { x, y } of floor!) close(y, x / n);

  const [inverse, kappa] = theoryLines(draw('6d').specification);
  for (const { x, y } of inverse!) close(y, 1 / x);
  for (const { x, y } of kappa!) {
    const nu = Math.min(x ** 2 / 2, n);
    close(y, (nu - x) / (x * (nu - 1)));
  }

  const rule = theoryLines(draw('6e').specification);
  assert.deepEqual(rule, [
    [
      { x: 0, y: 1 },
      { x: 2, y: 1 },
    ],
    [
      { x: 1, y: 0 },
      { x: 2, y: 2 },
    ],
    [
      { x: 1, y: 0 },
      { x: 2, y: 1 },
    ],
  ]);
  for (const { x, y } of theoryLines(draw('5a').specification)[0]!) assert.equal(x, y);
});

test('the random-vector line of Fig. 15 is the variance of |cos|, not of its square', () => {
  // In 2 dimensions |cos| of a uniform angle has mean 2/pi and mean square 1/2; in 3 it is uniform on [0, 1].
  const values = theoryLines(draw('15').specification)[0]!;
  assert.ok(values.every(({ x, y }) => y < 1 / x - 2 / (Math.PI * x) + 1e-3));
  const large = values.at(-1)!;
  close(
    large.y * large.x,
    1 - (2 / Math.PI) * (1 + 1 / (2 * large.x) + 1 / (8 * large.x ** 2) - 1 / (8 * large.x ** 3)),
  );
});

test('a figure whose experiment is missing fails with one line that names both', () => {
  const inputs = syntheticInputs('6e', ['small']);
  assert.throws(
    () => new FigureData(figures.get('17')!, inputs),
    /^Error: figure 17 needs the experiments wide, small with models at γ < 0: its inputs are of small with γ < 0 and γ > 0$/,
  );
  assert.throws(
    () => new FigureData(figures.get('6e')!, { ...inputs, sweeps: [] }),
    /^Error: figure 6e needs the experiment small with models at γ < 0: its inputs are of no experiment$/,
  );
  assert.equal(experimentsFor(needsOf('17'), named(['small'])), undefined);
  assert.deepEqual(experimentsFor(needsOf('1b'), named(['small'])), ['small']);
  assert.deepEqual(experimentsFor(needsOf('1b'), named(['small', 'large'])), ['large']);
  assert.deepEqual(experimentsFor(needsOf('2c'), []), []);
});

test('an experiment without models of the regime that a figure is about does not count', () => {
  const strong = [{ gamma: -1 }];
  const available = [...named(['small']), ...named(['large'], strong)];
  assert.deepEqual(experimentsFor(needsOf('1b'), available), ['small'], 'the weak row of the small sweep stands in');
  assert.deepEqual(experimentsFor(needsOf('1d'), available), ['large']);
  assert.equal(experimentsFor(needsOf('1b'), named(['small', 'large'], strong)), undefined);
  assert.equal(experimentsFor(needsOf('6d'), named(['small'], [{ gamma: 0.5 }])), undefined);
});

test('where the models leave nothing to draw, the page and the caption say so', async () => {
  const inputs = syntheticInputs('6d', ['small']);
  const sweeps = inputs.sweeps.map((sweep) => ({
    ...sweep,
    models: sweep.models.map((model) => ({ ...model, strongOverlap: null })),
  }));
  const data = new FigureData(figures.get('6d')!, { ...inputs, sweeps });
  assert.throws(() => figures.get('6d')!.draw(data), { name: 'NothingToDraw' });
  const { specification, caption } = drawOrSayWhyNot(figures.get('6d')!, data);
  assert.equal(caption, 'Not drawn: there are no models in "small" with γ < 0 and at least 2 such rows.');
  const { svg, warnings } = await renderSvg(specification);
  assert.deepEqual(warnings, []);
  assert.match(svg, /Not drawn: there are no models/);
  assert.throws(
    () =>
      drawOrSayWhyNot(
        {
          ...figures.get('6d')!,
          draw: () => {
            throw new RangeError('a bug');
          },
        },
        data,
      ),
    RangeError,
  );
});

test("a set without the paper's cell shows the nearest and says so", () => {
  const scale = { ...quickScale, gammas: [-1, -0.5, 0.5, 1] };
  const { caption } = drawn('6e', syntheticInputs('6e', ['small'], scale));
  assert.match(caption, /γ = −1, −0.5\)/);
  assert.match(caption, /γ = −0.778, −0.556, −0.333 is not in this set; the nearest is drawn/);
  assert.doesNotMatch(draw('6e').caption, /nearest/);
});

test('replicates and projected models are no points of a figure', () => {
  const inputs = syntheticInputs('5a', ['small']);
  const [sweep] = inputs.sweeps;
  const more = {
    ...sweep!,
    models: [
      ...sweep!.models,
      { ...sweep!.models[0]!, replicate: 1 },
      { ...sweep!.models[0]!, projection: 'unit-rows' as const },
    ],
  };
  const specification = drawn('5a', { ...inputs, sweeps: [more] }).specification;
  assert.deepEqual(specification, draw('5a').specification);
});

test("the measurements a figure asks for are the cells nearest to the paper's", () => {
  const models = syntheticInputs('6a', ['small']).models.map(({ summary }) => summary);
  assert.deepEqual(
    models.map(({ alpha, m }) => [alpha, m]),
    quickScale.widths.map((m) => [0.5, m]),
  );
  assert.ok(models.every(({ gamma }) => Math.abs(gamma + 5 / 9) < 1e-9));
  assert.deepEqual(
    syntheticInputs('3a', ['small']).models.map(({ summary }) => [summary.alpha, summary.m]),
    [[1, 26]],
  );
  assert.equal(syntheticInputs('12', ['small']).models.length, quickScale.alphas.length * quickScale.widths.length);
});

test('Fig. 2c shows the products of the frame, turned as it may be for the eye, and an orthonormal frame beside it', () => {
  const inputs = syntheticInputs('2c', []);
  const { rows } = inputs.frame!;
  const products = rowsWith(drawn('2c', inputs).specification, 'value').map(({ value }) => value!);
  assert.equal(products.length, 3 * 36);
  const identity = Array.from({ length: 36 }, (_, k) => (k % 7 === 0 && k < 21 ? 1 : 0));
  assert.deepEqual(products.slice(0, 36), identity);
  rows
    .flatMap((a) => rows.map((b) => a.reduce((sum, entry, k) => sum + entry * b[k]!, 0)))
    .forEach((product, k) => close(products[36 + k]!, product));
  products.slice(72).forEach((product, k) => close(Math.abs(product), k % 7 === 0 ? 1 : 1 / Math.sqrt(5)));
});

test('local exponents are those of the loss between neighbouring m', () => {
  const losses = [4, 8, 16, 64].map((m) => ({ m, loss: 3 / m }));
  for (const { y } of localSlopes(losses)) close(y, 1);
  assert.deepEqual(
    localSlopes(losses).map(({ x }) => Math.round(x * x)),
    [32, 128, 1024],
  );
  close(
    localSlopes([
      { m: 128, loss: 1 },
      { m: 256, loss: 1 / 8 },
    ])[0]!.y,
    3,
  );
  assert.match(
    draw('breakdown').caption,
    /with exponent 1\.0\d ± .* Between the last two m the local exponent is 1\d\.\d\d\./,
  );
});

test('rows at unit norm are compared with the free models of the same cell', () => {
  const { specification, caption } = draw('unit-norm');
  const ratios = rowsWith(specification, 'alpha').map(({ y }) => y!);
  assert.equal(
    ratios.length,
    2 * 2 * quickScale.alphas.length * quickScale.widths.length,
    'lines and points, against two weight decays',
  );
  assert.match(caption, /Against γ = −1 the median is 1\.\d\d.* against γ = 0\.556 the median is 0\.\d\d/);
});

test('dead units: every feature of one model, and both probabilities of every strong model', async () => {
  const { specification, caption } = draw('dead-units');
  const features = rowsWith(specification, 'state');
  assert.equal(features.length, quickScale.n);
  const dead = features.filter((row) => (row as Record<string, unknown>)['state'] === 'cannot (dead)');
  assert.ok(dead.length > 0 && dead.length < features.length);
  assert.ok(dead.every(({ y }) => y! <= 1));
  assert.match(caption, new RegExp(`of which ${dead.length} of ${features.length} are dead`));
  const { svg } = await renderSvg(specification);
  assert.equal(svg.match(/Its own activation/g)?.length, 1, 'one legend of colours and shapes');
  assert.match(caption, /Medians at m = \d+: 0\.99 and 0\.55; at m = \d+: 0\.99 and 0\.55\.$/);
});

test('random and zero initial biases are compared cell by cell, and a cell that one of them lacks is absent', async () => {
  const inputs = syntheticInputs('zero-bias-loss', ['small', 'small-zero-bias']);
  const [small, zero] = inputs.sweeps;
  const halved = small!.models
    .filter(({ alpha, gamma }) => alpha === 1 && Math.abs(gamma + 5 / 9) < 0.01)
    .map((model) => ({ ...model, loss: model.loss / 2, outputLoss: { ...model.outputLoss, dead: 0 } }));
  const oneCurve = { ...inputs, sweeps: [small!, { ...zero!, models: halved.slice(1), exponents: [] }] };
  const loss = drawn('zero-bias-loss', oneCurve);
  assert.match(
    loss.caption,
    /^At γ = −0\.556, over the m and seeds that both have, the loss at the largest m is 2 times as high with random initial biases as with zero ones, and αₘ is 1\.02 with the former, 1\.02 with the latter \(α = 1\)\. Top/,
  );
  const second = small!.models.map((model) => ({ ...model, replicate: 1, loss: 100 * model.loss }));
  const moreSeeds = {
    ...oneCurve,
    sweeps: [{ ...small!, models: [...small!.models, ...second] }, oneCurve.sweeps[1]!],
  };
  assert.match(
    drawn('zero-bias-loss', moreSeeds).caption,
    /is 2 times as high/,
    'a seed that one of them lacks has no part',
  );
  const marks = rowsWith(loss.specification, 'bias', 'x').filter(({ x }) => x! > 2.2);
  assert.equal(marks.length, 2 * (6 + 5), 'lines and points, six random and five zero');
  assert.match(
    drawn('zero-bias-dead', oneCurve).caption,
    /^At γ = −0\.556 dead features make 30% of the loss with random initial biases and 0% with zero ones \(medians/,
  );
  for (const id of ['zero-bias-loss', 'zero-bias-dead'])
    assert.deepEqual((await renderSvg(drawn(id, oneCurve).specification)).warnings, []);

  const apart = { ...zero!, models: halved.map((model) => ({ ...model, m: model.m + 1 })) };
  assert.throws(() => drawn('zero-bias-loss', { ...inputs, sweeps: [small!, apart] }), { name: 'NothingToDraw' });

  const norms = rowsWith(draw('zero-bias-norms').specification, 'state');
  assert.equal(norms.length, 4 * quickScale.n, 'every feature of two models at two weight decays');
});

test('a curve begun from zero biases with its smallest m alone says nothing of the largest m', () => {
  const inputs = syntheticInputs('zero-bias-loss', ['small', 'small-zero-bias']);
  const [small, zero] = inputs.sweeps;
  const near = (model: { gamma: number }): boolean => Math.abs(model.gamma + 5 / 9) < 0.01;
  const [first] = quickScale.widths;
  const models = small!.models.filter(near).flatMap((model) => {
    if (model.alpha === 1) return [{ ...model, loss: model.loss / 4 }];
    if (model.alpha === 2) return [{ ...model, loss: model.loss / 2 }];
    return model.m === first ? [{ ...model, loss: model.loss * 9 }] : [];
  });
  // A second seed of the smallest m alone would weigh on its loss, and so on the exponent.
  const more = models.filter(({ m }) => m === first).map((model) => ({ ...model, replicate: 1, loss: 99 }));
  const drawnMore = small!.models.filter(({ m }) => m === first).map((model) => ({ ...model, replicate: 1 }));
  const { caption } = drawn('zero-bias-loss', {
    ...inputs,
    sweeps: [
      { ...small!, models: [...small!.models, ...drawnMore] },
      { ...zero!, models: [...models, ...more], exponents: [] },
    ],
  });
  const [, ratios, random, started] =
    /the loss at the largest m is (.*?) times as high .* αₘ is (.*?) with the former, (.*?) with the latter \(2 values of α, 1 to 2\)/.exec(
      caption,
    )!;
  assert.equal(ratios, '2 to 4');
  assert.equal(random, started);
});

test('bars of loss and exponent are over seeds, where there are at least three', () => {
  const { specification } = draw('zero-bias-loss');
  const bars = rowsWith(specification, 'bias', 'low') as { bias?: unknown }[];
  assert.ok(bars.length > 0 && bars.every(({ bias }) => bias === 'zero'), 'the random models have one seed here');
});

test('points are set apart by less than 5%, so that they still compare with a line of slope −1', () => {
  for (const { x } of rowsWith(draw('6d').specification, 'alpha')) {
    const nearest = Math.min(...quickScale.widths.map((m) => Math.abs(Math.log(x! / m))));
    assert.ok(nearest < 0.05, `x = ${x}`);
  }
});

test('where points are set apart, the caption says so', () => {
  for (const figure of ['5b', '6e', '17'])
    assert.match(draw(figure).caption, / About each α the points are set apart a little by γ, so that none/, figure);
  for (const figure of ['10a', '10c', '10d', '15', '16'])
    assert.match(draw(figure).caption, / About each m the points are set apart a little by /, figure);
  for (const figure of ['6d', 'zero-bias-loss']) assert.match(draw(figure).caption, / set apart a little/, figure);
});

const partial = {
  n: 300,
  widths: [5, 8, 12, 18, 26, 38],
  alphas: [0, 0.5, 1, 1.5, 1.75, 2],
  gammas: [-5 / 9, 1 / 3],
};

/** Two weight decays of the small sweep, and the strong ones of the large models, of which some have no fit. */
function drawPartial(figure: string, unfitted: readonly string[] = []): Figure {
  const sign = (name: string) => (name === 'large' ? [{ gamma: -1 }] : bothRegimes);
  const wired = experimentsFor(
    needsOf(figure),
    ['small', 'large'].map((experiment) => ({ experiment, models: sign(experiment) })),
  )!;
  const { sweeps, models, ...others } = syntheticInputs(figure, wired, partial);
  const kept = (model: { gamma: number; frequencies: string; n: number }): boolean =>
    model.n === partial.n || model.gamma < 0;
  return drawn(figure, {
    ...others,
    sweeps: sweeps.map((sweep) => ({
      ...sweep,
      models: sweep.models.filter(kept),
      exponents: sweep.exponents.filter(
        (fit) => kept(fit) && !(fit.n !== partial.n && unfitted.includes(fit.frequencies)),
      ),
    })),
    models: models.filter(({ summary }) => kept(summary)),
  });
}

test('a part of the sweeps makes whole figures, whose captions say what they lack', async () => {
  const possible = figureIds.filter(
    (figure) => !needsOf(figure).experiments?.some((name) => !['small', 'large'].includes(name)),
  );
  for (const figure of possible) {
    const { specification, caption } = drawPartial(figure);
    const { svg, warnings } = await renderSvg(specification);
    assert.deepEqual(warnings, [], figure);
    assert.doesNotMatch(svg + caption, /NaN|undefined|Infinity/, figure);
  }
  assert.match(
    drawPartial('1b').caption,
    /Drawn from the small power-law models, since this parameter set has no large ones at weak superposition\.$/,
  );
  assert.doesNotMatch(drawPartial('1d').caption, /Without a fit/);
  assert.match(
    drawPartial('1d', ['power-law', 'linear']).caption,
    /αₘ: [\d.]+ ± [\d.]+ \(exponential decay\)\. Too few m in the range of the fit, so without one: power law, linear decay\./,
  );
  assert.match(drawPartial('3a').caption, /: 0\.99 to 1\.00 at γ = −0\.556, 0\.02 to 0\.12 at γ = 0\.333\. Right/);
  assert.match(drawPartial('3b').caption, /Where γ ≤ −0\.556: .* Where γ > 0: /);
  assert.match(drawPartial('6c').caption, /The paper's γ = −1 is not in this set; the nearest is drawn\.$/);
  assert.match(drawPartial('6e').caption, /Of the paper's γ = −0\.778, −0\.556, −0\.333 this set has −0\.556\.$/);
  assert.doesNotMatch(drawPartial('10a').caption, /weak/);
  assert.doesNotMatch(JSON.stringify(drawPartial('10c').specification), /"weak"/, 'a legend lists what is drawn');
});

test('a PNG is twice the size of its SVG', async () => {
  const { svg } = await renderSvg(draw('4b').specification);
  const [, width, height] = /width="(\d+)" height="(\d+)"/.exec(svg)!;
  const png = Buffer.from(await renderPng(svg));
  assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [2 * Number(width), 2 * Number(height)]);
  assert.deepEqual(Buffer.from(await renderPng(svg)), png);
});

/** Some of the synthetic models of a figure alone. */
function drawnOf(
  figure: string,
  experiments: readonly string[],
  kept: (row: { density: number; frequencies: string; m?: number | readonly number[] }) => boolean,
  fits: (fit: FigureInputs['sweeps'][number]['exponents'][number], i: number) => typeof fit = (fit) => fit,
): Figure {
  const { sweeps, ...others } = syntheticInputs(figure, experiments);
  const some = sweeps.map((sweep) => ({
    ...sweep,
    models: sweep.models.filter(kept),
    exponents: sweep.exponents.filter(kept).map(fits),
  }));
  return drawn(figure, { ...others, sweeps: some });
}

test('with one activation density no change with it is told', () => {
  for (const [figure, words] of [
    ['7a', /by weight decay; .* Only E = 1 is there: this figure shows no change with E yet\./],
    ['18', /one line per weight decay\. Only E = 1 is there: this figure shows no change with E yet\./],
    [
      '7b',
      /for the one activation density E = 1\.00 that is there, with a least-squares line, whose exponent αₘ is \d/,
    ],
  ] as const) {
    assert.match(drawnOf(figure, ['density'], ({ density }) => density === 1).caption, words);
    assert.doesNotMatch(draw(figure).caption, /is there/, figure);
  }
});

test('curves that end at other m are each told with their own, and lines of a fit only where there are some', () => {
  const kept = ({ frequencies, m }: { frequencies: string; m?: number | readonly number[] }): boolean =>
    frequencies !== 'linear' || typeof m !== 'number' || m <= 32;
  const { caption } = drawnOf('1d', ['large'], kept);
  const [largest] = [...caption.matchAll(/-fold from m = 8 to (\d+) \((exponential decay|power law)\)/g)];
  assert.ok(Number(largest![1]) > 32);
  assert.match(caption, /^Loss at strong superposition: it falls .*-fold from m = 8 to 32 \(linear decay\)/);
  assert.match(
    draw('1d').caption,
    /: from m = 8 to \d+ it falls [\d.]+-fold \(.*\) to [\d.]+-fold \(.*\)\. Dashed: least/,
  );
  const unfitted = drawnOf('1d', ['large'], (row) => 'loss' in row).caption;
  assert.match(unfitted, /without one: power law, exponential decay, linear decay|without one: /);
  assert.doesNotMatch(unfitted, /Dashed: least-squares lines in log-log/);
});

test('intervals over seeds are of cells with at least three, each with its own seeds', () => {
  const replicates = (count: number) => ({
    ...{ count, exponents: [], mean: 1, standardError: 0.05 },
    ...(count > 2 ? { low: 0.9, high: 1.1 } : { low: -9, high: 11 }),
    m: [8, 16, 32],
  });
  type Fit = FigureInputs['sweeps'][number]['exponents'][number];
  const seeds = (fit: Fit, count: number): Fit => ({
    ...fit,
    replicates: replicates(count),
    errorFrom: count > 2 ? 'seeds' : 'fit',
  });
  const strong = drawnOf(
    '6e',
    ['small'],
    () => true,
    (fit) => (Math.abs(fit.gamma + 5 / 9) < 0.01 && fit.alpha! <= 1 ? seeds(fit, fit.alpha! < 0.6 ? 2 : 3) : fit),
  ).caption;
  assert.match(
    strong,
    /or between seeds for the 2 cells with at least 3 seeds\. 2 cells have 3 seeds: the 95% interval of their mean αₘ is ± 0\.10 wide/,
  );
  assert.match(draw('6e').caption, /Error bars: standard errors of the fits\. Hollow/);
  const counts: Readonly<Record<string, number>> = { 'power-law': 3, exponential: 5, linear: 2 };
  const large = drawnOf(
    '1d',
    ['large'],
    () => true,
    (fit) => seeds(fit, counts[fit.frequencies]!),
  ).caption;
  assert.match(large, / Over 3 seeds \(m = 8 to 32\): 1\.00, 95% interval 0\.90 to 1\.10 \(power law\)\./);
  assert.match(large, / Over 5 seeds \(m = 8 to 32\): 1\.00, 95% interval 0\.90 to 1\.10 \(exponential decay\)\./);
  assert.doesNotMatch(large, /Over 2 seeds/);
});

test('the slope of Fig. 8a is that of its axis, 1/m, and of its solid line, which goes through the points', () => {
  interface Layer {
    mark: { type: string; strokeDash?: unknown };
    data: { values: { x: number; y: number }[] };
  }
  const published = drawn('8a', { ...syntheticInputs('8a', []), language: {} });
  assert.match(published.caption, /Log-log slope on 1\/m of all 25: 1\.26 ± 0\.19/);
  for (const { caption, specification } of [published, draw('8a')]) {
    const { layer } = specification as unknown as { layer: Layer[] };
    const solid = layer.filter(({ mark }) => mark.type === 'line' && !mark.strokeDash).map(({ data }) => data.values);
    assert.equal(solid.length, 1);
    const [from, to] = solid[0]! as [Point, Point];
    const slope = Math.log(to.y / from.y) / Math.log(to.x / from.x);
    assert.ok(caption.includes(`: ${slope.toFixed(2)} ± `), `${caption}: the line has slope ${slope}`);
    const { values } = layer.findLast(({ mark }) => mark.type === 'point')!.data;
    const middle = (value: (point: Point) => number): number =>
      values.reduce((sum, point) => sum + Math.log(value(point)), 0) / values.length;
    const onLine = Math.log(from.y) + slope * (middle(({ x }) => x) - Math.log(from.x));
    assert.ok(Math.abs(onLine - middle(({ y }) => y)) < 1e-6, 'through the middle of the points');
  }
});

test('a curve without a fit in a run that is not finished is not said to have too few m', () => {
  /** Only the fits are gone, and one model with them. */
  const unfinished = (figure: string, experiments: readonly string[]): string => {
    const { sweeps, ...others } = syntheticInputs(figure, experiments);
    const some = sweeps.map((sweep) => ({
      ...sweep,
      models: sweep.models.slice(1),
      missing: sweep.models.slice(0, 1),
      exponents: [],
    }));
    return drawn(figure, { ...others, sweeps: some }).caption;
  };
  assert.match(
    unfinished('1d', ['large']),
    /\. Without a fit, since m in its range are not finished or too few: exponential decay, power law, linear decay\./,
  );
  assert.match(unfinished('7b', ['density']), /activation densities E, at too few finished m for a fit\. Error bars/);
  const biases = ['small', 'small-zero-bias'];
  assert.match(unfinished('zero-bias-loss', biases), / No exponents: too few finished m for a line\. Models/);
  assert.match(
    drawnOf('7b', ['density'], (row) => 'loss' in row).caption,
    /activation densities E, at too few m for a fit\. Error bars/,
  );
});

test('a caption counts no cells where there are none, and tells one change as one', () => {
  interface Row {
    alpha: number | null;
    gamma: number;
    density: number;
  }
  const some = (figure: string, experiments: readonly string[], kept: (row: Row) => boolean) =>
    drawnOf(figure, experiments, (row) => kept(row as unknown as Row));
  const skewed = ({ alpha }: Row): boolean => alpha! > 1;
  assert.match(some('15', ['small'], skewed).caption, /; diamonds: sampled\) in \d+ of \d+ models with α > 1\. About/);
  const { specification, caption } = some('6d', ['small'], skewed);
  assert.match(caption, / of the models with α > 1; marks: their medians\.$/);
  assert.doesNotMatch(JSON.stringify(specification), /α ≤ 1/, 'the legend lists what is drawn');
  const wide = ['wide', 'small'];
  assert.match(some('17', wide, ({ alpha }) => alpha! < 1).caption, /> n\. Mean [\d.]+ for α < 1\.5\. Faint/);
  assert.match(some('17', wide, skewed).caption, /\. Below 2\(α − 1\) for α ≥ 1\.75: \d+ of \d+ cells\. Faint/);
  const oneGamma = some('18', ['density'], ({ gamma }) => gamma === -1);
  assert.match(oneGamma.caption, / the exponent changes by −?0\.\d{3} per unit of E\./);
  const first = draw('7b').caption;
  assert.match(first, / 5 of the 9 activation densities E/);
  const few = some('7b', ['density'], ({ gamma, density }) => gamma > 0 || density < 3);
  assert.match(few.caption, / 3 of the 3 activation densities E/);
});

test('one cell and one model dimension are told as one', () => {
  const at = (kept: (row: { alpha: number | null; gamma: number }) => boolean) => (figure: string) =>
    drawnOf(figure, ['small'], (row) => kept(row as unknown as { alpha: number | null; gamma: number })).caption;
  const one = at(({ alpha, gamma }) => alpha === 1 && gamma === -1);
  assert.match(one('4b'), / Here, where it is near 1, αₘ is −?\d\.\d\d\. Right/);
  assert.match(
    one('5b'),
    /^The one cell \(γ, α\) whose W Wᵀ is closest to no superposition; it has α = 1 and γ = −1\./,
  );
  assert.match(one('6e'), / and the one cell closest to no superposition .* over one cell: /);
  assert.match(one('14'), / At least 0\.95: [01] of 1 cell with γ < 0\.$/);
  const weak = at(({ gamma }) => gamma > 0);
  assert.match(weak('14'), / At least 0\.95: \d+ of \d+ cells with γ > 0\.$/);
  const narrow = drawnOf(
    '1d',
    ['large'],
    ({ frequencies, m }) => typeof m === 'number' && (frequencies !== 'linear' || m <= 8),
  );
  assert.match(narrow.caption, /to [\d.]+-fold \(.*\); with one m alone: linear decay \(m = 8\)\. Too few m/);
  const alone = drawnOf('1d', ['large'], ({ m }) => m === 8).caption;
  const single = (figure: string): string =>
    drawnOf(figure, ['small'], (row) => {
      const { alpha, gamma, m } = row as unknown as { alpha: number; gamma: number; m: unknown };
      return alpha === 1 && gamma === -1 && m === quickScale.widths.at(-1);
    }).caption;
  assert.match(single('6d'), /; times m it is \d\.\d\d\. Dashed/);
  assert.match(single('15'), / in [01] of 1 model with α ≤ 1\./);
  assert.match(single('5a'), / in [01] of 1 model\.$/);
  assert.match(alone, /^Loss at strong superposition: with one m alone: exponential decay \(m = 8\), power law /);
  assert.doesNotMatch(alone, /fold/);
});
