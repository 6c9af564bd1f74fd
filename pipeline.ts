/** The paper's method: which toy models are trained, what is measured on them, and what the report is made of. */
import { ClaimResults, InputError, definePipeline, didYouMean, source } from 'repro';
import type { Handle } from 'repro';
import { gridValues, Parameters } from './pipeline/parameters.ts';
import type { Frequencies, Training } from './pipeline/parameters.ts';
import { checkParameters, densitiesOf, peakRate, selectsRow } from './pipeline/checks.ts';
import type {
  FigureCaption,
  FittedSweep,
  ModelCell,
  ModelMeasurement,
  VariantComparison,
} from './stages/toy/artifacts.ts';
import { differenceIds } from './stages/toy/compare-variants/differences.ts';
import type { DifferenceId } from './stages/toy/compare-variants/differences.ts';
import { compareVariants } from './stages/toy/compare-variants/stage.ts';
import type { FitRange } from './stages/toy/fit-exponents/fit-range.ts';
import { fitExponents } from './stages/toy/fit-exponents/stage.ts';
import { framePotential } from './stages/toy/frame-potential/stage.ts';
import { measureGeometry } from './stages/toy/measure-geometry/stage.ts';
import { randomGeometry } from './stages/toy/random-geometry/stage.ts';
import { experimentsFor, figureNeeds, listed, needOf } from './stages/figures/needs.ts';
import { renderFigures } from './stages/figures/stage.ts';
import { PublishedFigures } from './stages/report/beyond/published.ts';
import { ClaimsFile } from './stages/report/claims/definition.ts';
import { parseClaims } from './stages/report/claims/parse.ts';
import { report } from './stages/report/stage.ts';
import { resultTables } from './stages/report/result-tables/stage.ts';
import { sample } from './stages/toy/sample/stage.ts';
import { train } from './stages/toy/train/stage.ts';
import { describeSet } from './pipeline/describe.ts';
import { figureInputs, languageModels } from './pipeline/language.ts';

interface Model extends ModelCell {
  readonly measurement: Handle<typeof ModelMeasurement>;
}

export default definePipeline({
  name: 'superposition-scaling',
  defaultSet: 'quick',
  examples: { set: 'ci', stage: 'train', node: 'train[m=32]', override: 'seed=2' },
  params: Parameters,
  schemas: { 'params/claims.json': ClaimsFile },

  build(params, context) {
    const { set, file, readText } = context;
    checkParameters(params, file);
    const { seed, geometry, replicates } = params;
    const { evaluationBatches, evaluationBatch } = geometry;

    /** One toy model (Sec. 2): its data distribution, its training and what is measured on it. */
    function trainModel(
      law: Frequencies & { n: number; density: number },
      {
        m,
        gamma,
        training,
        projection = 'none',
        replicate = 0,
      }: { m: number; gamma: number; training: Training; projection?: 'none' | 'unit-rows'; replicate?: number },
    ): Model {
      const { distribution, evaluation } = sample({ ...law, evaluationBatches, evaluationBatch, seed }, {});
      const { n, density, frequencies } = law;
      const { batch, steps, warmup, lossScale, initialBias } = training;
      const optimizer = {
        beta1: 0.9,
        beta2: 0.999,
        epsilon: 1e-8,
        peakRateW: peakRate(training.peakRateW, m),
        peakRateB: peakRate(training.peakRateB, m),
      };
      const recipe = {
        n,
        m,
        gamma,
        batch,
        steps,
        warmup,
        lossScale,
        ...optimizer,
        projection,
        initialBias,
        seed,
        replicate,
      };
      const { weights, losses } = train(recipe, { distribution });
      const alpha = frequencies === 'power-law' ? law.alpha : null;
      const { epsilon } = optimizer;
      const cell: ModelCell = {
        ...{ frequencies, alpha, n, m, density, gamma, batch, steps, projection, replicate },
        ...{ initialBias, lossScale, epsilon },
      };
      return {
        ...cell,
        ...measureGeometry({ ...recipe, frequencies, alpha, density }, { weights, losses, distribution, evaluation }),
      };
    }

    const sweeps = new Map<string, { sweep: Handle<typeof FittedSweep>; models: readonly Model[] }>();
    function fit(experiment: string, models: readonly Model[], ranges: readonly FitRange[] = []): void {
      const { sweep } = fitExponents(
        { experiment, ranges: [...ranges], readings: params.readings },
        { measurements: models.map(({ measurement }) => measurement) },
      );
      sweeps.set(experiment, { sweep, models });
    }

    // Figs. 3 to 6: power-law frequencies, every data exponent alpha, weight decay gamma and model dimension m.
    const { small } = params;
    fit('small', powerLawSweep(small));
    if (small.unitRows) fit('unit-norm', powerLawSweep({ ...small, gamma: [-1] }, 'unit-rows'));

    // Fig. 7: activation densities from 1 to where the most frequent feature is always active.
    const { density } = params;
    if (density) {
      fit(
        'density',
        gridValues(density.alpha).flatMap((alpha) => {
          return densitiesOf(density, alpha).flatMap((level) =>
            powerLawSweep({ ...density, alpha: [alpha] }, 'none', level),
          );
        }),
      );
    }

    // Fig. 17: m^2/2 above n throughout.
    if (params.wide) fit('wide', powerLawSweep(params.wide));

    // Figs. 1, 4a, 9 and 10: large models, three kinds of frequencies, strong and weak superposition.
    const { large } = params;
    if (large) {
      const models = large.distributions.flatMap((frequencies) =>
        gridValues(large.gamma).flatMap((gamma) =>
          large.m.flatMap((m) => {
            const count = gamma < 0 && m <= replicates.large.maximumM ? replicates.large.count : 1;
            const law = { ...frequencies, n: large.n, density: 1 };
            return range(count).map((replicate) => trainModel(law, { m, gamma, training: large.training, replicate }));
          }),
        ),
      );
      fit('large', models, large.fitted);
    }

    // App. B.1: a larger batch or a longer training should change nothing.
    const { insensitivity } = params;
    if (insensitivity) {
      const { larger, longer } = insensitivity;
      const experiments = [insensitivity, ...(insensitivity.large ? [insensitivity.large] : [])];
      const models = experiments.flatMap((experiment) => {
        const { training } = experiment;
        const settings = [
          training,
          { ...training, batch: training.batch * larger },
          { ...training, steps: training.steps * longer },
        ];
        return settings.flatMap((changed) => powerLawSweep({ ...experiment, training: changed }));
      });
      fit('insensitivity', models);
    }

    // Beyond the paper: m up to n, where there is nothing left to superpose.
    if (params.breakdown) fit('breakdown', powerLawSweep(params.breakdown));

    // Where the text and the authors' scripts differ: the same models both ways.
    const variants = params.variants ? bothVariants(params.variants) : [];

    function bothVariants({
      n,
      m: widths,
      alpha: alphas,
      gamma,
      scale,
      training,
      larger,
      longer,
    }: NonNullable<typeof params.variants>): Handle<typeof VariantComparison>[] {
      const [alpha] = gridValues(alphas) as [number, ...number[]];
      const models = (law: Frequencies, changed = training, replicate = 0): Model[] =>
        gridValues(gamma).flatMap((gamma) =>
          widths.map((m) => trainModel({ ...law, n, density: 1 }, { m, gamma, training: changed, replicate })),
        );
      const powerLaw = { frequencies: 'power-law' as const, alpha };
      const usual = models(powerLaw);
      const pairs: Record<DifferenceId, readonly [text: Model[], scripts: Model[]]> = {
        'final-loss': [usual, usual],
        'unlearned-loss': [usual, usual],
        'linear-first-index': [
          models({ frequencies: 'linear', firstIndex: 1 }),
          models({ frequencies: 'linear', firstIndex: 0 }),
        ],
        'exponential-first-index': [
          models({ frequencies: 'exponential', scale, firstIndex: 1 }),
          models({ frequencies: 'exponential', scale, firstIndex: 0 }),
        ],
        'batch-and-steps': [
          usual,
          models(powerLaw, { ...training, batch: training.batch * larger, steps: training.steps * longer }),
        ],
        'loss-scale': [models(powerLaw, { ...training, lossScale: n }), usual],
        'random-numbers': [usual, models(powerLaw, training, 1)],
      };
      const measurements = (side: readonly Model[]) => side.map(({ measurement }) => measurement);
      return differenceIds.map((difference) => {
        const [text, scripts] = pairs[difference];
        return compareVariants({ difference }, { text: measurements(text), scripts: measurements(scripts) }).comparison;
      });
    }

    function powerLawSweep(
      {
        n,
        m: widths,
        alpha: alphas,
        gamma: gammas,
        training,
      }: Pick<typeof small, 'n' | 'm' | 'alpha' | 'gamma' | 'training'>,
      projection: 'none' | 'unit-rows' = 'none',
      level = 1,
    ): Model[] {
      return gridValues(alphas).flatMap((alpha) =>
        gridValues(gammas).flatMap((gamma) =>
          widths.flatMap((m) => {
            const law = { frequencies: 'power-law' as const, alpha, n, density: level };
            const repeated =
              training === small.training && projection === 'none' && selectsRow(replicates.small.gamma, gamma);
            return range(repeated ? replicates.small.count : 1).map((replicate) =>
              trainModel(law, { m, gamma, training, projection, replicate }),
            );
          }),
        ),
      );
    }

    // Figs. 8 and 19 to 23.
    const language = languageModels(params, context);

    const { random } = randomGeometry({ ...geometry.random, seed }, {});
    const available = [...sweeps].map(([experiment, { models }]) => ({ experiment, models }));
    // Fig. 2c: six features in three dimensions.
    const superposedFrame = () => framePotential({ m: 3, vectors: 6, seed }, {}).frame;
    const figures = params.figures.map((figure) => {
      const { title, models: select, ...needs } = figureNeeds[figure];
      const names = experimentsFor(figure, available);
      if (!names)
        throw new InputError(
          `${file}: figures: ${figure} (${title}) ${needOf(figure)}: this set has ${listed(available)}`,
        );
      if (needs.language && !language[needs.language])
        throw new InputError(
          `${file}: figures: ${figure} (${title}) needs the ${needs.language} of language models, which this set does not read: see llm`,
        );
      const shown = names.map((name) => sweeps.get(name)!);
      const models = select ? select(shown[0]!.models).map(({ measurement }) => measurement) : [];
      return {
        figure,
        ...renderFigures(
          { figure },
          {
            sweeps: shown.map(({ sweep }) => sweep),
            models,
            random: needs.random && random,
            frame: needs.frame && superposedFrame(),
            ...figureInputs(language, needs),
          },
        ),
      };
    });

    const claims = parseClaims(readText('params/claims.json'), 'params/claims.json');
    for (const id of params.decides) {
      if (!claims.some((claim) => claim.id === id))
        throw new InputError(
          `${file}: decides: "${id}": no claim in params/claims.json has this id${didYouMean(
            id,
            claims.map((claim) => claim.id),
          )}`,
        );
    }
    const { decides, reducedScale } = params;
    if (reducedScale === set) throw new InputError(`${file}: reducedScale = "${set}": expected another, smaller set`);
    const fitted = [...sweeps.values()].map(({ sweep }) => sweep);
    const tables = resultTables({}, { sweeps: fitted });
    const finished = report(
      {
        set,
        title: 'Superposition Yields Robust Neural Scaling: a reproduction',
        description: describeSet(params),
        claims,
        decides,
        readsModels: params.llm.models.length > 0,
        ...(reducedScale !== undefined && { reducedScale }),
      },
      {
        sweeps: fitted,
        random,
        variants,
        captions: figures.map(({ caption }): Handle<typeof FigureCaption> => caption),
        languageModels: language.published,
        sizes: language.sizes,
        heads: language.heads,
        losses: language.losses,
        tokens: language.tokens,
        published: source('params/published/figures.json', PublishedFigures),
        reduced: reducedScale === undefined ? undefined : source(`reports/${reducedScale}/claims.json`, ClaimResults),
      },
    );

    return {
      files: {
        'report.md': finished.markdown,
        'claims.json': finished.claims,
        'models.csv': tables.models,
        'exponents.csv': tables.exponents,
        ...Object.fromEntries(
          figures.flatMap(({ figure, svg, png, specification }): [string, Handle][] => [
            [`figures/${figure}.svg`, svg],
            [`figures/${figure}.png`, png],
            [`figures/${figure}.vl.json`, specification],
          ]),
        ),
      },
      report: 'report.md',
      claims: {
        results: finished.claims,
        decides,
        acknowledged: Object.fromEntries(
          claims.flatMap(({ id, acknowledged }) => (acknowledged?.[set] ? [[id, acknowledged[set]]] : [])),
        ),
      },
    };
  },
});

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
