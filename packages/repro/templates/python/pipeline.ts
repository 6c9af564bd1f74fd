import { agree, claim, command, definePipeline, from, json, parquet, python, share, Type, vegaLite } from 'repro';

const Curve = parquet('curve', { seed: 'integer', n: 'integer', loss: 'number' });
const Fit = json('fit', Type.Object({ exponent: Type.Number(), error: Type.Number() }));

export default definePipeline({
  name: '{{name}}',
  params: { seeds: [1, 2, 3], noise: 0.02 },
  build: ({ seeds, noise }) => {
    // Made once, from the lock file, and part of the key: another numpy is another result.
    const environment = python({ lock: 'requirements.txt' });
    const runs = seeds.map((seed) => {
      const { curve } = command({
        name: 'simulate',
        params: { seed, noise },
        outputs: { curve: Curve },
        environment,
        files: ['analysis/simulate.py', 'analysis/model.py'],
        run: ({ params, outputs }) => ['python3', 'analysis/simulate.py', params.seed, params.noise, outputs.curve],
      });
      const { fit } = command({
        name: 'fit',
        inputs: { curve },
        outputs: { fit: Fit },
        environment,
        files: ['analysis/fit.py'],
        run: ({ inputs, outputs }) => ['python3', 'analysis/fit.py', inputs.curve, outputs.fit],
      });
      return { curve, fit };
    });
    const exponents = runs.map(({ fit }) => from(fit, 'exponent'));
    const [value, error] = [exponents[0]!, from(runs[0]!.fit, 'error')];
    const log = { type: 'quantitative', scale: { type: 'log' } };
    return {
      text: 'A loss that falls with size, and the exponent with which it does.',
      claims: [
        claim({
          id: 'exponent',
          sentence: 'The exponent is 0.5.',
          source: 'README',
          value,
          error,
          rule: agree(0.5, 0.02),
        }),
        claim({
          id: 'every-seed',
          sentence: 'It is for every seed.',
          source: 'README',
          value: exponents,
          rule: share(1, { low: 0.45, high: 0.55 }),
        }),
      ],
      figures: {
        loss: vegaLite(
          {
            mark: 'line',
            encoding: {
              x: { field: 'n', ...log },
              y: { field: 'loss', ...log },
              color: { field: 'seed', type: 'nominal' },
            },
          },
          runs.map(({ curve }) => curve),
          { title: 'Loss by size' },
        ),
      },
      files: { 'fit.json': runs[0]!.fit },
    };
  },
});
