import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { Type } from '@sinclair/typebox';
import { file } from '../../src/graph/artifact.ts';
import { defineCommand } from '../../src/graph/command.ts';
import { progressFilter, runCommand } from '../../src/execute/run-command.ts';
import { makeProject } from '../project.ts';
import type { Project } from '../project.ts';

let project: Project;
before(() => {
  process.env['SECRET'] = 'x';
  project = makeProject({
    'pipeline.ts': `
      import { Type } from '@sinclair/typebox';
      import { defineCommand, definePipeline, file, json, source } from '$engine/index.ts';
      const Points = file('points', '.csv');
      const Fit = json('fit', Type.Object({ total: Type.Number(), home: Type.String(), sees: Type.Array(Type.String()) }));
      const fit = defineCommand({
        name: 'fit', summary: 'adds points up', params: Type.Object({ factor: Type.Number() }),
        inputs: { points: Points }, outputs: { fit: Fit },
        files: ['analysis/**/*.py'], variables: { MODE: 'strict' }, timeLimit: 30,
        run: ({ params, inputs, outputs }) => ['python3', 'analysis/fit.py', '--factor', params.factor, inputs.points, outputs.fit],
      });
      export default definePipeline({
        name: 'commands', params: Type.Object({ factor: Type.Number({ default: 2 }) }),
        build: ({ factor }) => ({ files: { 'fit.json': fit({ factor }, { points: source('data/points.csv', Points) }).fit } }),
      });`,
    'analysis/fit.py': `
import json, os, sys
from helper import total
print('@progress 0.5')
print('fitting', sys.argv)
seen = sorted(os.path.join(d, f) for d, _, fs in os.walk('.') for f in fs if '__pycache__' not in d)
json.dump({'total': float(sys.argv[2]) * total(sys.argv[3]), 'home': os.environ['MODE'] + os.environ['TZ'] + str('SECRET' in os.environ), 'sees': seen}, open(sys.argv[4], 'w'))
`,
    'analysis/helper.py': `def total(path):\n    return sum(float(line) for line in open(path))\n`,
    'analysis/notes.txt': 'not declared',
    'data/points.csv': '1\n2\n4\n',
    'params/quick.json': '{"factor": 2}',
  });
});
after(() => project.close());

const counts = (stdout: string): string =>
  /"executed":(\d+),"cached":(\d+),"failed":(\d+)/.exec(stdout)!.slice(1).join(' ');
const run = async (...more: string[]): Promise<string> => {
  const { stdout, stderr } = await project.run('run', '--params', 'quick', '--log', 'json', ...more);
  assert.equal(stderr, '');
  return stdout;
};

test('a command runs in a folder with what it declared and a clean environment; edits of its files and line are seen', async () => {
  const first = await run();
  assert.equal(counts(first), '1 0 0', first);
  assert.match(first, /"type":"node-progress".*"fraction":0.5/);
  assert.deepEqual(JSON.parse(project.read('reports/quick/fit.json')), {
    total: 14,
    home: 'strictUTCFalse',
    sees: ['./analysis/fit.py', './analysis/helper.py'],
  });
  const { programs } = JSON.parse(project.read('reports/quick/provenance.json')) as { programs: string[] };
  assert.match(
    programs.join('; '),
    /^python3 3\.\d+\.\d+ [\w-]+( with \d+ packages?)?$/,
    'what no environment declares',
  );
  assert.equal(counts(await run()), '0 1 0');

  project.write('analysis/helper.py', 'def total(path):\n    return 100\n');
  assert.equal(counts(await run()), '1 0 0', 'a helper that the script imports counts');
  assert.equal((JSON.parse(project.read('reports/quick/fit.json')) as { total: number }).total, 200);
  project.write('analysis/more.py', '');
  assert.equal(counts(await run()), '1 0 0', 'a new file that matches a pattern counts');
  project.write('analysis/notes.txt', 'changed');
  assert.equal(counts(await run()), '0 1 0');
  project.write('pipeline.ts', project.read('pipeline.ts').replace("MODE: 'strict'", "MODE: 'other'"));
  const changed = await project.run('why', 'fit', '--params', 'quick');
  assert.match(changed.stdout, /command/);
  assert.equal(counts(await run()), '1 0 0', 'a variable counts');
  const declared = project.read('pipeline.ts');
  project.write('pipeline.ts', declared.replace('total: Type.Number()', 'total: Type.Number({ minimum: 0 })'));
  assert.equal(counts(await run()), '1 0 0', 'what an output must satisfy counts');
  const asking = (cpu: number): string =>
    declared.replace('timeLimit: 30', `timeLimit: 30, execution: { resources: { cpu: ${cpu} } }`);
  project.write('pipeline.ts', asking(1));
  assert.equal(counts(await run()), '0 1 0');
  project.write('pipeline.ts', asking(2));
  assert.equal(counts(await run()), '1 0 0', 'how many threads libraries may use counts');
  project.write('pipeline.ts', declared);
});

test('what a command writes next to its outputs is said to be lost, once for a stage', async () => {
  const script = project.read('analysis/fit.py');
  project.write(
    'analysis/fit.py',
    `open('outputs/plot.png', 'w').close()\nopen('outputs/fit.log', 'w').close()\n${script}`,
  );
  const { code, stdout } = await project.run('run', '--params', 'quick', '--log', 'plain');
  assert.equal(code, 0, stdout);
  assert.deepEqual(stdout.match(/^warning: .*/gm), [
    'warning: fit: it wrote outputs/plot.png, which is none of its outputs and was not kept: declare it in outputs',
  ]);
  project.write('analysis/fit.py', script);
});

test('a file that was not declared is not there, and what a command printed is in its log', async () => {
  project.write('analysis/fit.py', `import sys\nprint('looking')\nopen('data/points.csv')\n`);
  const stdout = await run();
  assert.equal(counts(stdout), '0 0 1');
  assert.match(stdout, /python3 analysis\/fit.py .* ended with code 1/);
  assert.match(stdout, /looking/);
  assert.match(stdout, /FileNotFoundError/);
  assert.doesNotMatch(stdout, /worker\.mjs/);
  const { stdout: shown } = await project.run('show', 'fit', '--params', 'quick');
  assert.match(shown, /log +artifacts\/logs\/[0-9a-f]{64}/);
});

test('a command that leaves a process behind ends when it does, and so does the process', async () => {
  project.write(
    'analysis/fit.py',
    `import json, subprocess, sys
left = subprocess.Popen(['sleep', '4321'])
json.dump({'total': left.pid, 'home': '', 'sees': []}, open(sys.argv[4], 'w'))
`,
  );
  assert.equal(counts(await run()), '1 0 0');
  const { total: pid } = JSON.parse(project.read('reports/quick/fit.json')) as { total: number };
  // One that has ended and that nobody waited for has no command line.
  const line = existsSync(`/proc/${pid}`) ? readFileSync(`/proc/${pid}/cmdline`, 'utf8') : '';
  assert.equal(line, '');
});

test('nothing of the project is found by looking into the folders above: neither its repository nor its root', async () => {
  execFileSync('git', ['init', '--quiet', project.root]);
  project.write('.env', 'SECRET=1');
  project.write(
    'analysis/fit.py',
    `import json, os, subprocess, sys
# As pyprojroot and dotenv do.
def root(folder, *names):
    while not any(os.path.exists(os.path.join(folder, n)) for n in names):
        folder = os.path.dirname(folder)
    return folder
code = subprocess.run(['git', 'rev-parse', '--show-toplevel']).returncode
json.dump({'total': code, 'home': root(os.getcwd(), '.here', '.git'), 'sees': [root(os.getcwd(), '.env')]}, open(sys.argv[4], 'w'))
`,
  );
  const stdout = await run();
  assert.equal(counts(stdout), '1 0 0', stdout);
  const { total, home, sees } = JSON.parse(project.read('reports/quick/fit.json')) as Record<string, unknown>;
  assert.equal(total, 128, 'git finds no repository');
  for (const folder of [home, ...(sees as unknown[])]) assert.match(String(folder), /\/job-[0-9a-f]+$/);
  project.write('analysis/fit.py', "import subprocess\nsubprocess.run(['git', 'log'], check=True)\n");
  assert.match(await run(), /it asks git about the project, of which a command sees only what it declares/);
});

test('a script is started by its path, whatever its mode', async () => {
  const declared = project.read('pipeline.ts');
  project.write('pipeline.ts', declared.replace("['python3', 'analysis/fit.py'", "['./analysis/fit.py'"));
  project.write('analysis/fit.py', `#!/bin/sh\necho '{"total": 1, "home": "", "sees": []}' > "$4"\n`);
  assert.equal(counts(await run()), '1 0 0');
  project.write('pipeline.ts', declared);
});

test('a time limit may be longer than a timer can be, and has to be a time', async () => {
  const job = {
    ...{ line: ['sleep', '0.2'], directory: project.root, environment: {}, path: [] },
    folders: { own: project.root, inputs: [] },
  };
  const limited = (timeLimit: number): Promise<void> =>
    runCommand({ ...job, timeLimit }, new AbortController().signal, () => undefined);
  await limited(30 * 86_400);
  await assert.rejects(limited(0.05), /sleep took longer than 0.05 s, the limit of the stage, and was ended/);
  for (const timeLimit of [Infinity, NaN, 0, -1])
    assert.throws(
      () =>
        defineCommand({
          ...{ name: 'wait', summary: '', params: Type.Object({}), inputs: {}, outputs: { out: file('text', '.txt') } },
          ...{ files: [], run: () => ['true'], timeLimit },
        }),
      { message: `command wait: timeLimit = ${timeLimit}: expected a number above 0, or none for no limit` },
    );
});

test('reports of progress are taken out of what is printed, wherever it is cut', () => {
  const text = 'a\n@progress 0.25\nb @progress 0.5\n@progress 1\n@progresso\n@progress x\nend';
  for (let cut = 0; cut < text.length; cut++) {
    const told: number[] = [];
    const filter = progressFilter((fraction) => told.push(fraction));
    const kept = filter(text.slice(0, cut)) + filter(text.slice(cut));
    assert.deepEqual(told, [0.25, 1], String(cut));
    assert.equal(kept, 'a\nb @progress 0.5\n@progresso\n@progress x\nend');
  }
});
