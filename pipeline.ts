/**
 * The method of "Superposition Yields Robust Neural Scaling" on one page.
 *
 * The model (Sec. 2). Data have n features: x_i = u_i v_i, where u_i is 1 with probability p_i, else 0, and v_i is uniform
 * on [0, 2]; the p_i fall with the rank i, and their sum is E, the activation density. A model of width m << n keeps
 * h = W^T x and answers y = ReLU(W h + b), with W (n x m) and b (n). Its loss is L = < ||y - x||^2 >. If only m features
 * have a row of W, the others are lost: L falls as their frequencies do. If all n share the m dimensions (superposition),
 * their squared overlaps are about 1/m, and so is the loss, whatever the p_i. That is the paper's claim.
 *
 * What sets the superposition is gamma, the weight decay of AdamW on W: gamma > 0 shrinks every row, so few features are
 * represented (weak superposition); gamma < 0 pulls every row towards unit norm (strong superposition).
 *
 * What is measured of a trained model: its loss on fresh data; phi_1/2 and phi_1, the fractions of rows longer than 1/2
 * and 1; the overlaps of the rows against Welch's bound; the part of the loss that unlearned features make (Eq. 4). Over
 * widths: alpha_m, the exponent in L ~ m^-alpha_m. Every claim is a rule about these numbers, fixed in params/claims.json.
 */
import { InputError, claimsSchema, definePipeline, didYouMean, parseClaims, source } from 'repro';
import { acknowledgementsOf, reasonsOf } from 'repro/claims';
import { breakdownExperiment } from './pipeline/breakdown.ts';
import { checkParameters } from './pipeline/checks.ts';
import { densityExperiment } from './pipeline/density.ts';
import { describeSet } from './pipeline/describe.ts';
import { fitExperiment } from './pipeline/experiment.ts';
import type { Experiment } from './pipeline/experiment.ts';
import { drawFigures, figureFiles } from './pipeline/figures.ts';
import { toyParts } from './pipeline/parts.ts';
import { biasControls, followFirstSteps, initialBiasExperiments } from './pipeline/initial-bias.ts';
import { insensitivityExperiment } from './pipeline/insensitivity.ts';
import { languageModels } from './pipeline/language.ts';
import { largeExperiment } from './pipeline/large.ts';
import { Parameters } from './pipeline/parameters.ts';
import { smallExperiments } from './pipeline/small.ts';
import { toyModels } from './pipeline/toy-model.ts';
import { variantComparisons } from './pipeline/variants.ts';
import { wideExperiment } from './pipeline/wide.ts';
import { PublishedPoints, publishedFeatures } from './stages/published/points.ts';
import { PublishedFigures } from './stages/report/beyond/published.ts';
import { vocabulary } from './stages/report/claims/vocabulary.ts';
import { PowerTable } from './stages/report/power.ts';
import { TrainersTable } from './stages/report/trainers.ts';
import { resultTables } from './stages/report/result-tables/stage.ts';
import { resultsPage } from './stages/report/page/stage.ts';
import { report } from './stages/report/stage.ts';
import { framePotential } from './stages/toy/frame-potential/stage.ts';
import { randomGeometry } from './stages/toy/random-geometry/stage.ts';

export default definePipeline({
  name: 'superposition-scaling',
  defaultSet: 'quick',
  examples: { set: 'ci', stage: 'fit-exponents', node: 'train[small,m=39]', override: 'small.gamma=[-1,0.3]' },
  dataset: {
    title: 'Superposition Yields Robust Neural Scaling: a reproduction',
    description: 'Toy models and language models measured to check each claim of arXiv:2505.10465, with verdicts.',
    license: 'https://spdx.org/licenses/MIT',
    basedOn: 'https://arxiv.org/abs/2505.10465',
  },
  params: Parameters,
  schemas: { 'params/claims.json': claimsSchema(vocabulary) },

  build(params, context) {
    const { set, file, readText } = context;
    checkParameters(params, file);
    const { seed, geometry, replicates, readings } = params;

    // Sample, train and measure toy models: a call adds nodes to the graph, and equal models are one.
    const trainModel = toyModels(params);
    const experiments: Experiment[] = smallExperiments(params, trainModel);
    if (params.density) experiments.push(densityExperiment(params.density, trainModel));
    if (params.wide) experiments.push(wideExperiment(params.wide, trainModel));
    if (params.large) experiments.push(largeExperiment(params.large, replicates, trainModel));
    if (params.insensitivity) experiments.push(insensitivityExperiment(params.insensitivity, trainModel));
    if (params.breakdown) experiments.push(breakdownExperiment(params.breakdown, trainModel));
    if (params.initialBias) experiments.push(...initialBiasExperiments(params.initialBias, params, trainModel));
    const variants = params.variants ? variantComparisons(params.variants, trainModel) : [];
    // After the variants, which sets without controls train too: models of both keep one name.
    experiments.push(...biasControls(params, trainModel));

    // Exponents of loss against width, and what they are compared with.
    const fitted = experiments.map((experiment) => fitExperiment(experiment, readings));
    const sweeps = fitted.map(({ sweep }) => sweep);
    const { random } = randomGeometry({ ...geometry.random, seed }, {});
    const language = languageModels(params, context);

    // Fig. 2c: six vectors in three dimensions that overlap least.
    const frame = () => framePotential({ m: 3, vectors: 6, seed }, {}).frame;
    const firstSteps = followFirstSteps(params);
    const figures = drawFigures(params.figures, { fitted, language, random, frame, firstSteps }, file);
    const trainers = source('stages/report/trainers.json', TrainersTable);
    const tables = resultTables({ set }, { sweeps });

    const claims = parseClaims(readText('params/claims.json'), 'params/claims.json', vocabulary);
    const { decides } = params;
    for (const id of decides) {
      const known = claims.map((claim) => claim.id);
      if (known.includes(id)) continue;
      throw new InputError(
        `${file}: decides: "${id}": no claim in params/claims.json has this id${didYouMean(id, known)}`,
      );
    }
    const title = 'Superposition Yields Robust Neural Scaling: a reproduction';
    const description = describeSet(params);
    const acknowledged = acknowledgementsOf(claims, set);
    const finished = report(
      {
        set,
        title,
        description,
        claims,
        decides,
        readsModels: params.llm.models.length > 0,
      },
      {
        sweeps,
        random,
        variants,
        captions: figures.map(({ caption }) => caption),
        languageModels: language.published,
        sizes: language.sizes,
        heads: language.heads,
        losses: language.losses,
        tokens: language.tokens,
        published: source('params/published/figures.json', PublishedFigures),
        points: source('params/published/points.json', PublishedPoints),
        power: source('stages/report/power.json', PowerTable),
        trainers,
        firstSteps,
      },
    );

    const { page } = resultsPage(
      { set, title, description, decides, reasons: reasonsOf(acknowledged) },
      {
        claims: finished.claims,
        sweeps,
        captions: figures.map(({ caption }) => caption),
        drawings: figures.map(({ svg }) => svg),
        points: source('params/published/points.json', PublishedPoints),
        trainers,
        firstSteps,
      },
    );

    return {
      files: {
        'index.html': page,
        'report.md': finished.markdown,
        'claims.json': finished.claims,
        'models.csv': tables.models,
        'exponents.csv': tables.exponents,
        'models.parquet': tables.modelsParquet,
        'exponents.parquet': tables.exponentsParquet,
        'fit-points.csv': tables.fitPoints,
        'seed-exponents.csv': tables.seedExponents,
        'datapackage.json': tables.dataPackage,
        ...figureFiles(figures),
        'figures/worlds.svg': finished.worlds,
        ...(isOfPaperScale(params) && { 'figures/replication.svg': finished.replication }),
      },
      report: 'report.md',
      page: 'index.html',
      claims: {
        results: finished.claims,
        decides,
        acknowledged,
      },
      parts: toyParts(params, experiments),
    };
  },
});

/** Whether a set has models that the authors' figures show too. */
function isOfPaperScale({ small, large }: Parameters): boolean {
  return small.n === publishedFeatures.small || large?.n === publishedFeatures.large;
}
