import assert from 'node:assert/strict';
import { existsSync, rmSync, symlinkSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { makeProject } from '../project.ts';
import type { Project } from '../project.ts';
import { buildGraph } from '../../src/graph/graph.ts';
import { commandLine } from '../../src/graph/command.ts';
import { claim, command, definePipeline, from, json, largest, python, table, Type } from '../../src/index.ts';

const pipeline = `
import { agree, claim, command, definePipeline, directory, file, from, json, largest, source, table, Type, vegaLite } from '$engine/index.ts';
const Points = table('points', { x: 'integer', y: 'number' });
const Fit = json('fit', Type.Object({ slope: Type.Number(), error: Type.Number() }));
export default definePipeline({
  name: 'line',
  params: { seeds: [1, 2, 3], slope: 2 },
  build: ({ seeds, slope }) => {
    const samples = seeds.map((seed) =>
      command({
        name: 'sample', params: { seed, slope }, outputs: { points: Points }, files: ['sample.sh'],
        run: ({ params, outputs }) => ['sh', 'sample.sh', params.seed, params.slope, outputs.points],
      }).points);
    const { fit } = command({
      name: 'fit', inputs: { samples }, outputs: { fit: Fit },
      run: ({ inputs, outputs }) => ['sh', '-c', \`awk -F, 'FNR > 1 { s += $2 / $1; n++ } END { printf "{\\\\"slope\\\\": %g, \\\\"error\\\\": 0.01}", s / n }' "$@" > \${outputs.fit}\`, 'sh', ...inputs.samples],
    });
    const { plot } = command({
      name: 'plot', inputs: { fit }, outputs: { plot: file('plot', '.svg') },
      run: ({ outputs }) => ['sh', '-c', \`printf '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>' > \${outputs.plot}\`],
    });
    return {
      claims: [
        claim({ id: 'slope', sentence: 'The slope is 2.', source: 'Eq. 1', value: from(fit, 'slope'), error: from(fit, 'error'), rule: agree(2, 0.1) }),
        claim({ id: 'small', sentence: 'No error is large.', source: 'Sec. 2', value: [from(fit, 'error'), from(fit, 'error'), from(fit, 'error')], rule: largest({ below: 0.1 }), required: false }),
      ],
      figures: { plot, photograph: source('photograph.svg', file('photograph', '.svg')), points: vegaLite({ mark: 'point', encoding: { x: { field: 'x', type: 'quantitative' }, y: { field: 'y', type: 'quantitative' } } }, samples, { title: 'All points of all seeds, each with its own noise, drawn one over the other', caption: 'Points of three seeds.' }) },
      files: { 'fit.json': fit, 'given.csv': source('given.csv', Points), 'more.tar': source('more', directory('more')) },
    };
  },
});`;

let project: Project;
before(() => {
  project = makeProject({
    'pipeline.ts': pipeline,
    'sample.sh': 'printf "x,y\\n1,%s\\n2,%s\\n" "$2" "$(( 2 * $2 ))" > "$3"\n',
    'given.csv': 'x,y\n1,2\n',
    'more/a.txt': 'a',
    'photograph.svg': '<svg xmlns="http://www.w3.org/2000/svg" width="5" height="5"/>',
  });
  rmSync(project.path('params'), { recursive: true });
});
after(() => project.close());

test('a pipeline that is one file: commands, a sweep, claims, a figure, a report and its gate', async () => {
  const { code, stdout, stderr } = await project.run('run', '--log', 'plain');
  assert.equal(code, 0, stdout + stderr);
  const report = project.read('reports/default/report.md');
  assert.match(report, /^# line\n/);
  assert.match(report, /2 reproduced/);
  assert.match(report, /slope = 2 ± 0.1/);
  assert.match(report, /2.000 ± 0.010/);
  assert.match(report, /!\[All points of [^\]]*\]\(figures\/points.svg\)\n\nPoints of three seeds\./);
  assert.match(project.read('reports/default/figures/points.svg'), /<title>All points of [^<]*<\/title>/);
  const [, width] = /viewBox="0 0 (\d+) /.exec(project.read('reports/default/figures/points.svg'))!;
  assert.ok(Number(width) < 360, `a long title is broken to the width of its panel, not ${width}`);
  assert.equal((project.read('reports/default/figures/points.vl.json').match(/"y":/g) ?? []).length, 7);
  const page = project.read('reports/default/index.html');
  const [, image] = /<img\s+src="data:image\/svg\+xml;base64,([^"]+)"\s+alt="plot"/.exec(page)!;
  assert.match(Buffer.from(image!, 'base64').toString(), /^<svg [^>]*width="9"/, 'an image that a command made');
  assert.match(page, /<a href="figures\/plot\.svg">image<\/a>/);
  assert.doesNotMatch(page, /plot\.vl\.json/);
  assert.equal(project.read('reports/default/given.csv'), 'x,y\n1,2\n', 'a source is published as it is');
  assert.match(project.read('reports/default/figures/photograph.svg'), /width="5"/);
  assert.ok(existsSync(project.path('reports/default/more.tar')));
  const verified = await project.run('verify');
  assert.match(
    verified.stdout,
    /the gate is open\. Of 2 parts of claims, 1 passed, .* 1 not required/,
    verified.stderr,
  );
  const changed = await project.run('verify', '--set', 'slope=3');
  assert.equal(changed.code, 1);
  const why = await project.run('why', 'sample[seed=2]', '--set', 'slope=3');
  assert.match(why.stdout, /slope: 2 -> 3/);
  await project.run('run', '--set', 'slope=3');
  assert.match(
    (await project.run('verify', '--set', 'slope=3')).stdout,
    /not reproduced  refused +3\.000[^]*the gate is shut/,
  );
});

test('a source that is not what its type declares fails what reads it, and says so', async () => {
  const given = project.read('given.csv');
  project.write('given.csv', 'x;y\n1;2\n');
  const { stdout } = await project.run('run', '--log', 'plain');
  assert.match(
    stdout,
    /publish-source\S* .*: the source given\.csv is not what its type declares: line 1 has the columns x;y/,
  );
  project.write('given.csv', given);
});

test('adopt: a result that was made elsewhere is checked, taken in, and said in the report', async () => {
  project.write('mine.csv', 'x,y\n1,2\n2,4\n');
  project.write('wrong.csv', 'x,y\n1,two\n');
  const adopt = (node: string, ...more: string[]) =>
    project.run('adopt', node, '--store', 'other', '--reports', 'other-reports', ...more);
  const refused: [string[], RegExp][] = [
    [['fit', '--output', 'fit=mine.csv'], /fit: what it is made from is not complete, so its key is not known/],
    [['sample', '--output', 'points=mine.csv'], /sample: names 3 nodes: expected one/],
    [
      ['sample[seed=1]', '--output', 'point=mine.csv'],
      /--output point: sample\[seed=1\] has no such output: expected points/,
    ],
    [['sample[seed=1]', '--output', 'points=gone.csv'], /--output points=gone.csv: no such file: expected a file/],
    [
      ['sample[seed=1]', '--output', 'points=wrong.csv'],
      /is not what points declares: line 2, y = "two": expected a finite number/,
    ],
  ];
  for (const [[node, ...more], message] of refused) {
    const { code, stderr } = await adopt(node!, ...more);
    assert.equal(code, 2, stderr);
    assert.match(stderr, message);
  }
  symlinkSync('mine.csv', project.path('newest.csv'));
  const taken = await adopt('sample[seed=1]', '--output', 'points=newest.csv', '--origin', 'the run of May');
  assert.equal(taken.code, 0, taken.stderr);
  const { stdout } = await project.run('run', '--log', 'plain', '--store', 'other', '--reports', 'other-reports');
  assert.match(stdout, /done: \d+ executed, 1 cached/);
  const said = /Not computed here, but taken in: `sample\[seed=1\]` from the run of May/;
  assert.match(project.read('other-reports/default/report.md'), said);
  assert.match(
    project.read('other-reports/default/index.html'),
    /taken in: <code>sample\[seed=1\]<\/code> from the run of May/,
  );
  const shown = await project.run('show', 'sample[seed=1]', '--store', 'other');
  assert.match(shown.stdout, /adopted +from the run of May/);
  const again = await adopt('sample[seed=1]', '--output', 'points=mine.csv');
  assert.match(again.stderr, /it has a result already/);
  assert.equal((await project.run('check-store', '--store', 'other')).code, 0);
});

const Points = table('points', { x: 'integer', y: 'number' });
const Fit = json('fit', Type.Object({ slope: Type.Number() }));
const sample = (seed: number, more: object = {}) =>
  command({
    name: 'sample',
    outputs: { points: Points },
    run: ({ outputs }) => ['sh', 'sample.sh', seed, outputs.points],
    ...more,
  });
const fitOf = () => command({ name: 'fit', outputs: { fit: Fit }, run: ({ outputs }) => ['fit', outputs.fit] }).fit;
const claimed = { id: 'slope', sentence: 'The slope is 2.', source: 'Eq. 1' };

test('a command line that is a list is followed by options for all params, inputs and outputs', () => {
  const { result } = buildGraph(
    (_, params) => params,
    () => {
      const samples = [1, 2].map((seed) => sample(seed, { params: { seed } }).points);
      const outputs = { fit: Fit };
      const run = ['python3', 'fit.py'];
      const environment = python({ lock: 'requirements.txt' });
      return command({
        name: 'fit',
        params: { deep: { x: 1 }, word: 'a b' },
        inputs: { samples },
        outputs,
        run,
        environment,
      });
    },
  );
  assert.deepEqual(commandLine(result.node), [
    ...['python3', 'fit.py', '--deep', '{"x":1}', '--word', 'a b'],
    ...['--samples', 'inputs/samples-0.csv', 'inputs/samples-1.csv', '--fit', 'outputs/fit.json'],
  ]);
});

test('mistakes in such a file are told in one line', () => {
  const wrong: [() => unknown, RegExp][] = [
    [
      () => command({ name: 'twice', params: { fit: 1 }, outputs: { fit: Fit }, run: ['x'] }),
      /^command "twice": "fit" is the name of two of its params, inputs and outputs/,
    ],
    [() => from(fitOf(), 'slop'), /^from\(fit, "slop"\): there is no member "slop": expected one of slope$/],
    [
      () => claim({ ...claimed, value: from(fitOf(), 'slope'), rule: largest({ below: 1 }) as never }),
      /^claim slope: the rule "largest" judges a list of numbers: expected agree, /,
    ],
    [
      () => claim({ ...claimed, value: [from(fitOf(), 'slope')], rule: largest({}) }),
      /^claim slope: the rule "largest" has no bound/,
    ],
    [
      () => [1, 2].map((seed) => sample(seed)),
      /^two calls of command "sample" with the same params and inputs have different command lines: put what differs/,
    ],
    [
      () => [1, 2].map((seed) => sample(seed, { params: { seed }, files: seed === 1 ? [] : ['sample.sh'] })),
      /^two calls of command "sample" differ in more than params and inputs/,
    ],
  ];
  for (const [build, message] of wrong)
    assert.throws(() => buildGraph((_, params) => params, build), { name: 'GraphError', message });
  assert.throws(
    () => definePipeline({ name: 'x', params: { a: null }, build: () => ({}) }),
    /params.a = null: expected/,
  );
});
