import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TSchema } from '@sinclair/typebox';
import { ClaimResults, firstError } from 'repro';
import { initialWeights } from '../../numerics/toy-model/initial-weights.ts';
import { encodeSafetensors } from '../../numerics/checkpoints/safetensors.ts';
import { FittedSweep, ModelCell, ModelMeasurement, RandomGeometry } from '../../stages/toy/artifacts.ts';
import { readingsOfText } from '../../stages/toy/readings.ts';
import { run as fit } from '../../stages/toy/fit-exponents/run.ts';
import { run as fitSizes } from '../../stages/language/fit-sizes/run.ts';
import { SizeFits } from '../../stages/language/artifacts.ts';
import { run as measure } from '../../stages/toy/measure-geometry/run.wasm.ts';
import { run as random } from '../../stages/toy/random-geometry/run.ts';
import type { ValueOf } from 'repro';
import { run as report } from '../../stages/report/run.ts';
import { run as sample } from '../../stages/toy/sample/run.ts';
import { claims } from './report/ideal-sweeps.ts';

/** Stages called as the engine calls them, file to file, on models that were never trained. */
test('from weights to the report: every artifact is what its type says, and the same each time', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'measured-'));
  try {
    const file = <T extends string>(type: T, name: string) => ({ type, path: join(directory, name), node: name });
    const around = { scratch: directory, signal: new AbortController().signal, progress: () => {} };
    const read = (name: string, type: { schema?: TSchema }): string => {
      const text = readFileSync(join(directory, name), 'utf8');
      assert.equal(firstError(type.schema!, JSON.parse(text)), undefined, name);
      return text;
    };
    const n = 40;
    const distribution = file('feature-distribution', 'distribution');
    const evaluation = file('evaluation-samples', 'evaluation');
    await sample({
      ...around,
      node: 'sample',
      params: {
        frequencies: 'power-law',
        n,
        alpha: 1,
        density: 1,
        evaluationBatches: 4,
        evaluationBatch: 100,
        seed: 1,
      },
      inputs: {},
      outputs: { distribution, evaluation },
    });
    writeFileSync(
      join(directory, 'losses'),
      JSON.stringify({ step: [1], loss: [1], last: { count: 1, mean: 1, standardDeviation: 0 } }),
    );

    const optimizer = {
      warmup: 0,
      peakRateW: 0.01,
      peakRateB: 0.01,
      lossScale: 1,
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
      initialBias: { mean: 0.25, standardDeviation: 0 },
      seed: 1,
    };
    const measured = [];
    for (const gamma of [-1, 1]) {
      for (const m of [4, 6, 9]) {
        const { W, b } = initialWeights(n, m, { k0: m, k1: 0 });
        const weights = file('weights', `weights-${m}`);
        writeFileSync(
          weights.path,
          encodeSafetensors({ W: { dtype: 'F32', shape: [n, m], data: W }, b: { dtype: 'F32', shape: [n], data: b } }),
        );
        const measurement = file('model-measurement', `measurement-${gamma}-${m}`);
        await measure({
          ...around,
          node: 'measure',
          params: {
            frequencies: 'power-law',
            alpha: 1,
            n,
            m,
            density: 1,
            gamma,
            batch: 1,
            steps: 1,
            projection: 'none',
            replicate: 0,
            ...optimizer,
          },
          inputs: { weights, losses: file('training-losses', 'losses'), distribution, evaluation },
          outputs: { measurement },
        });
        const { initialBias } = JSON.parse(read(`measurement-${gamma}-${m}`, ModelMeasurement)) as ValueOf<
          typeof ModelMeasurement
        >;
        assert.ok(
          initialBias.every((bias) => bias === 0.25),
          'the biases before training are those of the recipe',
        );
        measured.push(measurement);
      }
    }
    const cells = measured.map(({ path }) => {
      const { summary } = JSON.parse(readFileSync(path, 'utf8')) as ValueOf<typeof ModelMeasurement>;
      return Object.fromEntries(
        Object.keys(ModelCell.properties).map((name) => [name, summary[name as keyof ModelCell]]),
      ) as ModelCell;
    });
    const sweep = file('fitted-sweep', 'sweep');
    await fit({
      ...around,
      node: 'fit',
      params: { experiment: 'small', ranges: [], cells, readings: readingsOfText },
      inputs: { measurements: measured },
      outputs: { sweep },
    });
    const first = read('sweep', FittedSweep);
    await fit({
      ...around,
      node: 'fit',
      params: { experiment: 'small', ranges: [], cells, readings: readingsOfText },
      inputs: { measurements: [...measured].reverse() },
      outputs: { sweep },
    });
    assert.equal(read('sweep', FittedSweep), first);

    const vectors = file('random-geometry', 'random');
    await random({
      ...around,
      node: 'random',
      params: { m: [4, 9], vectors: 60, seed: 1 },
      inputs: {},
      outputs: { random: vectors },
    });
    read('random', RandomGeometry);

    const published = {
      ...file('published-figures', 'x'),
      path: join(process.env['REPRO_TEST_ROOT'] ?? '.', 'params/published/figures.json'),
    };
    const facts = (name: string): string =>
      join(process.env['REPRO_TEST_ROOT'] ?? '.', `params/published/${name}.json`);
    const sizes = file('size-fits', 'sizes');
    const languageModels = {
      ...file('language-models', 'x'),
      path: join(process.env['REPRO_TEST_ROOT'] ?? '.', 'params/published/language-models.json'),
    };
    await fitSizes({
      ...around,
      node: 'sizes',
      params: { draws: 20, seed: 1 },
      inputs: { languageModels, chinchilla: { ...file('size-table', 'x'), path: facts('chinchilla-models') } },
      outputs: { sizes },
    });
    read('sizes', SizeFits);
    await report({
      ...around,
      node: 'report',
      params: {
        set: 'ci',
        title: 'Title',
        description: 'Nothing was trained.',
        claims,
        decides: [],
        readsModels: false,
      },
      inputs: {
        sweeps: [sweep],
        random: vectors,
        firstSteps: undefined,
        captions: [],
        languageModels,
        sizes,
        heads: undefined,
        losses: undefined,
        tokens: undefined,
        variants: [],
        published,
        points: { ...published, path: published.path.replace('figures.json', 'points.json') } as never,
        power: {
          ...file('power', 'x'),
          path: published.path.replace('params/published/figures.json', 'stages/report/power.json'),
        },
        trainers: {
          ...file('trainers', 'x'),
          path: published.path.replace('params/published/figures.json', 'stages/report/trainers.json'),
        },
      },
      outputs: {
        markdown: file('report', 'report.md'),
        claims: file('claim-results', 'claims'),
        worlds: file('worlds-figure', 'worlds.svg'),
        replication: file('replication-figure', 'replication.svg'),
      },
    });
    const results = JSON.parse(read('claims', ClaimResults)) as { id: string; verdict: string }[];
    assert.equal(results.length, claims.length);
    assert.equal(results.find(({ id }) => id === 'llm-room')!.verdict, 'reproduced');
    assert.match(
      readFileSync(join(directory, 'worlds.svg'), 'utf8'),
      /<title>llm-room: reproduced in \d+ of \d+ worlds/,
    );
    assert.match(readFileSync(join(directory, 'report.md'), 'utf8'), /^# Title\n\n[^]*\n36 claims: /);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
