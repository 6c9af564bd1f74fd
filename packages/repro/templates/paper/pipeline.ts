import { agree, claim, command, definePipeline, from, json, source, table, Type, vegaLite, within } from 'repro';

const Planets = table('planets', { planet: 'text', axis: 'number', period: 'number' });
const Fit = json('fit', Type.Object({ exponent: Type.Number(), error: Type.Number(), largestResidual: Type.Number() }));

export default definePipeline({
  name: '{{name}}',
  defaultSet: 'paper',
  params: Type.Object({ planets: Type.Integer({ minimum: 3, description: 'How many, from the top of the table' }) }),
  build: ({ planets }) => {
    const { fit, used } = command({
      name: 'fit',
      params: { planets },
      inputs: { published: source('published/planets.csv', Planets) },
      outputs: { fit: Fit, used: Planets },
      files: ['analysis/fit.py'],
      run: ({ params, inputs, outputs }) => [
        'python3',
        'analysis/fit.py',
        inputs.published,
        params.planets,
        outputs.fit,
        outputs.used,
      ],
    });
    const log = { type: 'quantitative', scale: { type: 'log' } };
    return {
      text: 'What Kepler claims of the planets in *Harmonices mundi*, book V, and what the published table says of it.',
      // A claim is fixed before its result is seen. Where a result contradicts it, do not widen the rule: acknowledge the finding.
      claims: [
        claim({
          id: 'third-law',
          sentence: 'The square of the period is proportional to the cube of the axis.',
          source: 'Book V, chapter 3',
          why: '3/2; a standard error above 0.01 says nothing.',
          value: from(fit, 'exponent'),
          error: from(fit, 'error'),
          rule: agree(1.5, 0.01),
        }),
        claim({
          id: 'exact',
          sentence: 'The proportion is exact for every planet.',
          source: 'Book V, chapter 3',
          why: 'Exact to what the table is rounded to.',
          value: from(fit, 'largestResidual'),
          rule: within({ below: 1e-6 }),
          acknowledged: { verdict: 'not-reproduced', high: 0.01, reason: 'The table is rounded to three decimals.' },
        }),
      ],
      figures: {
        law: vegaLite(
          { mark: 'point', encoding: { x: { field: 'axis', ...log }, y: { field: 'period', ...log } } },
          used,
          {
            title: 'Period by axis',
            caption: 'Years and astronomical units.',
          },
        ),
      },
      files: { 'fit.json': fit },
    };
  },
});
