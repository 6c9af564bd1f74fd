import { claim, command, definePipeline, fetchFile, file, from, intervalContains as contains } from 'repro';
import { json, python, table, Type, vegaLite, within } from 'repro';

const Points = file('points', '.csv');
const Best = json('best', Type.Array(Type.Number(), { minItems: 5, maxItems: 5 }));
const Draws = table('draws', { a: 'number', b: 'number', e: 'number', alpha: 'number', beta: 'number' });
const Value = Type.Object({ value: Type.Number(), error: Type.Number() });
const Parameters = Type.Object({ E: Value, A: Value, B: Value, alpha: Value, beta: Value });
const P = Type.Object({ original: Type.Number(), replication: Type.Number() });
const Fit = json('fit', Type.Object({ parameters: Parameters, p: P }));
const Residuals = table('residuals', { parameters: 'number', tokens: 'number', loss: 'number', fitted: 'number' });

/** The points of Fig. 4 of Hoffmann et al. 2022, where those who digitised them published them, at one commit. */
const repository = 'https://raw.githubusercontent.com/epoch-research/analyzing-chinchilla/';
const url = `${repository}92258837425e1b5f2851d624287f0120583a3d0e/data/svg_extracted_data.csv`;
const sha256 = '193478df4e90f040016431996c45682659306840ecdadf83cfb9cd5ca0aa1b30';

export default definePipeline({
  name: 'chinchilla',
  defaultSet: 'published',
  params: { points: 'published', chunks: 4, draws: 50, starts: 64 },
  build: (set) => {
    const python3 = { environment: python({ lock: 'requirements.txt' }), files: ['analysis/*.py'] };
    const script = (name: string) => ({ name, run: ['python3', `analysis/${name}.py`], ...python3 });
    const simulated = () => command({ ...script('simulate'), outputs: { points: Points } }).points;
    const points = set.points === 'published' ? fetchFile({ url, sha256 }, Points) : simulated();

    const [starts, fitted] = [{ starts: set.starts }, { best: Best, residuals: Residuals }];
    const { best, residuals } = command({ ...script('fit'), params: starts, inputs: { points }, outputs: fitted });
    const resample = (params: { seed: number; count: number }) =>
      command({ ...script('bootstrap'), params, inputs: { points, best }, outputs: { draws: Draws } }).draws;
    const draws = Array.from({ length: set.chunks }, (_, seed) => resample({ seed, count: set.draws }));
    const { fit } = command({ ...script('compare'), inputs: { best, draws }, outputs: { fit: Fit } });

    const source = 'Besiroglu et al. 2024, Table 1';
    const replicated = (id: string, is: number, halfWidth: number, name = id) => {
      const [value, error] = [from(fit, `parameters.${name}.value`), from(fit, `parameters.${name}.error`)];
      const sentence = `${name} is ${is}.`;
      return claim({ id, sentence, source, quantity: name, value, error, rule: contains(is, halfWidth) });
    };
    const [differs, agrees] = ['The original numbers differ from the fit.', 'Those of the replication do not.'];
    const [original, replication] = [from(fit, 'p.original'), from(fit, 'p.replication')];
    const axis = (field: string, title: string) => ({ field, title, type: 'quantitative', scale: { zero: false } });
    const [x, y, equal] = [axis('fitted', 'fitted loss'), axis('loss', 'loss'), axis('fitted', 'loss')];
    const color = { field: 'tokens', type: 'quantitative', scale: { type: 'log' }, legend: { format: '.0e' } };
    const equality = { mark: { type: 'line', color: '#666666' }, encoding: { x, y: equal } };
    const dots = { mark: 'point', encoding: { x, y, color } };
    const fitFigure = vegaLite({ layer: [equality, dots] }, residuals, { title: 'Loss and fit' });
    return {
      text: 'L = E + A / N^α + B / D^β, fitted to the losses of Hoffmann et al. (2022) as by Besiroglu et al. (2024).',
      claims: [
        ...[replicated('alpha', 0.348, 0.06), replicated('beta', 0.366, 0.06), replicated('loss', 1.82, 0.1, 'E')],
        claim({ id: 'original', sentence: differs, source, value: original, rule: within({ below: 0.001 }) }),
        claim({ id: 'replication', sentence: agrees, source, value: replication, rule: within({ above: 0.05 }) }),
      ],
      figures: { fit: fitFigure },
      files: { 'fit.json': fit },
    };
  },
});
