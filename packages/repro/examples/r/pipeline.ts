import { agree, claim, command, definePipeline, from, json, r, source, table, Type, vegaLite } from 'repro';

const Points = table('points', { dose: 'number', response: 'number' });
const Fit = json('fit', Type.Object({ slope: Type.Number(), error: Type.Number() }));

export default definePipeline({
  name: 'r-example',
  build: () => {
    const points = source('data/points.csv', Points);
    const { fit } = command({
      name: 'fit',
      inputs: { points },
      outputs: { fit: Fit },
      environment: r({ lock: 'renv.lock' }),
      files: ['analysis/fit.R'],
      run: ({ inputs, outputs }) => ['Rscript', '--vanilla', 'analysis/fit.R', inputs.points, outputs.fit],
    });
    const [value, error] = [from(fit, 'slope'), from(fit, 'error')];
    const axis = (field: string) => ({ field, type: 'quantitative' });
    return {
      claims: [
        claim({ id: 'slope', sentence: 'The slope is 2.', source: 'README', value, error, rule: agree(2, 0.2) }),
      ],
      figures: { points: vegaLite({ mark: 'point', encoding: { x: axis('dose'), y: axis('response') } }, points) },
      files: { 'fit.json': fit },
    };
  },
});
