import { agree, claim, command, definePipeline, from, json, table, Type, vegaLite } from 'repro';

const Throws = table('throws', { seed: 'integer', throw: 'integer', mean: 'number' });
const Mean = json('mean', Type.Object({ mean: Type.Number(), error: Type.Number() }));

export default definePipeline({
  name: '{{name}}',
  params: { seeds: [1, 2, 3, 4], throws: 500 },
  build: ({ seeds, throws }) => {
    // A sweep is a loop: one node for each seed.
    const samples = seeds.map(
      (seed) =>
        command({
          name: 'throw',
          params: { seed, throws },
          outputs: { throws: Throws },
          files: ['analysis/throw.sh'],
          run: ({ params, outputs }) => ['sh', 'analysis/throw.sh', params.seed, params.throws, outputs.throws],
        }).throws,
    );
    const { mean } = command({
      name: 'average',
      inputs: { samples },
      outputs: { mean: Mean },
      files: ['analysis/average.sh'],
      run: ({ inputs, outputs }) => ['sh', 'analysis/average.sh', outputs.mean, ...inputs.samples],
    });
    const [value, error] = [from(mean, 'mean'), from(mean, 'error')];
    const axes = { x: { field: 'throw', type: 'quantitative' }, y: { field: 'mean', type: 'quantitative' } };
    return {
      text: 'Throws of a die, and whether it is fair.',
      claims: [
        claim({ id: 'fair', sentence: 'The die is fair.', source: 'README', value, error, rule: agree(3.5, 0.1) }),
      ],
      figures: {
        means: vegaLite({ mark: 'line', encoding: { ...axes, color: { field: 'seed', type: 'nominal' } } }, samples, {
          title: 'Mean of the throws so far',
        }),
      },
      files: { 'mean.json': mean },
    };
  },
});
