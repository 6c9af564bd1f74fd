import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { dryRunText } from '../../src/cli/dry-run.ts';
import { byteSize, floatingPointOperations } from '../../src/cli/print.ts';
import type { GraphNode } from '../../src/graph/graph.ts';
import { makeProject } from '../project.ts';
import type { Project } from '../project.ts';

test('operations in the unit that leaves three digits', () => {
  assert.deepEqual([0, 999, 63.6e6, 999_600, 1.2749e15, 3e21].map(floatingPointOperations), [
    '0 FLOP',
    '999 FLOP',
    '63.6 MFLOP',
    '1.00 MFLOP',
    '1.27 PFLOP',
    '3.00e+3 EFLOP',
  ]);
});

test('bytes in the unit that leaves three digits', () => {
  assert.deepEqual([0, 1, 999, 1000, 999_499, 999_950, 999.6e9, 1.2345e15].map(byteSize), [
    '0 B',
    '1 B',
    '999 B',
    '1.00 kB',
    '999 kB',
    '1.00 MB',
    '1.00 TB',
    '1.23 PB',
  ]);
});

test('the text: columns in line, what the times are known by, and what is not counted', () => {
  const node = { name: 'train[m=1024]', stage: { name: 'train' } } as unknown as GraphNode;
  const text = dryRunText(
    {
      stages: [
        {
          stage: 'sample',
          run: 2,
          pending: 0,
          fresh: 1,
          work: undefined,
          largestWork: undefined,
          memory: undefined,
          seconds: undefined,
          basis: { kind: 'nothing' },
        },
        {
          stage: 'train',
          run: 3,
          pending: 97,
          fresh: 20,
          work: 1.28e16,
          largestWork: 9.12e14,
          memory: 232e6,
          seconds: 86_400 * 6,
          basis: { kind: 'measured', results: 150, beyond: 23 },
        },
        {
          stage: 'measure',
          run: 0,
          pending: 100,
          fresh: 0,
          work: 1.04e13,
          largestWork: 3.43e11,
          memory: undefined,
          seconds: 1300,
          basis: { kind: 'calibrated' },
        },
        {
          stage: 'report',
          run: 0,
          pending: 0,
          fresh: 1,
          work: undefined,
          largestWork: undefined,
          memory: undefined,
          seconds: undefined,
          basis: { kind: 'nothing' },
        },
      ],
      wallSeconds: 86_400 * 3,
      longest: { node, seconds: 3600 * 18 },
    },
    2,
  );
  assert.equal(
    text,
    `\
stage    to run  fresh        work    largest  memory    time  known by
sample        2      1                                      ?  nothing yet
train       100     20  12.8 PFLOP  912 TFLOP  232 MB  6 days  150 earlier runs, of at most 1/20 the size
measure     100      0  10.4 TFLOP  343 GFLOP          22 min  a calibration just now
report        0      1
in all      202     22  12.8 PFLOP                     6 days

more than 3 days with --jobs 2, if the machine does nothing else
the longest node is of train: 18 h
not counted: sample, of which nothing was measured yet
197 of the nodes are pending: whether they run is known once their inputs are built; here all are counted
`,
  );
});

test('the text: what is to be downloaded, where stages say so', () => {
  const base = {
    run: 2,
    pending: 0,
    fresh: 1,
    work: undefined,
    largestWork: undefined,
    memory: undefined,
    seconds: undefined,
    basis: { kind: 'nothing' },
  } as const;
  const stages = [
    { stage: 'list', ...base },
    { stage: 'fetch', ...base, downloads: { bytes: 2.5e9, diskBytes: 5e9 } },
    { stage: 'more', ...base, downloads: { bytes: 5e8, diskBytes: 1e9 } },
  ];
  assert.equal(
    dryRunText({ stages, wallSeconds: 0, longest: undefined }, 2),
    `\
stage   to run  fresh  work  largest  memory  download     disk  time  known by
list         2      1                                               ?  nothing yet
fetch        2      1                          2.50 GB  5.00 GB     ?  nothing yet
more         2      1                           500 MB  1.00 GB     ?  nothing yet
in all       6      3                          3.00 GB  6.00 GB     ?

to download: at most 3.00 GB, which leaves 6.00 GB on the disk; less what is there already
how long: unknown, the store holds no earlier run of these stages
`,
  );
});

/** `use` has no size of its own: its work is that of the `make` that feeds it, and its time is its work, in milliseconds. */
let project: Project;
before(() => {
  project = makeProject({
    'params/quick.json': '{"sizes": [1, 3, 9, 27]}',
    'params/large.json': '{"sizes": [2000]}',
    'pipeline.ts': `
      import { Type } from '@sinclair/typebox';
      import { definePipeline } from '$engine/index.ts';
      import { make, use } from './stages/declarations.ts';
      export default definePipeline({
        name: 'sizes', defaultSet: 'quick',
        params: Type.Object({ sizes: Type.Array(Type.Number()) }),
        build: ({ sizes }) => {
          const seen = sizes.map((size) => use({ more: 0 }, make({ size }, {})).seen);
          return {
            files: Object.fromEntries(sizes.map((size, i) => [size + '.json', seen[i]])),
            parts: [
              { name: 'last', summary: 'the last size', decides: ['big', 'bigger'], outputs: seen.slice(-1) },
              { name: 'all', summary: 'all sizes', outputs: seen },
            ],
          };
        },
      });`,
    'stages/declarations.ts': `
      import { Type } from '@sinclair/typebox';
      import { defineStage, json } from '$engine/index.ts';
      export const Num = json('num', Type.Number());
      export const make = defineStage({ name: 'make', summary: '', params: Type.Object({ size: Type.Number() }), inputs: {}, outputs: { num: Num } });
      export const use = defineStage({
        name: 'use', summary: '', params: Type.Object({ more: Type.Number() }), inputs: { num: Num }, outputs: { seen: Num },
        downloads: ({ more }, { num }) => ({ bytes: 7e6 * (num[0] as { size: number }).size + more, diskBytes: 5 }),
        work: ({ more }, { num }) => 1e9 * ((num[0] as { size: number }).size + more),
        memory: () => 5e6,
        calibrate: async () => [{ cost: 1e9, seconds: 2 }, { cost: 3e9, seconds: 6 }],
      });`,
    'stages/make/run.ts': `
      import { writeJson } from '$engine/runtime.ts';
      export const run = async ({ params, outputs }: any) => writeJson(outputs.num, params.size);`,
    'stages/use/run.ts': `
      import { readJson, writeJson } from '$engine/runtime.ts';
      export const run = async ({ inputs, outputs }: any) => {
        const size = readJson<any>(inputs.num);
        // Twenty milliseconds of a processor for each unit.
        const began = process.cpuUsage();
        for (let spent = began; spent.user + spent.system < 20_000 * size || spent === began; ) spent = process.cpuUsage(began);
        writeJson(outputs.seen, size);
      };`,
  });
});
after(() => project.close());

test('run --dry-run: calibrated where nothing was measured, then by what was, whichever set it was made for', async () => {
  const calibrated = await project.run('run', '--dry-run', '--params', 'large', '--jobs', '1');
  assert.equal(calibrated.code, 0, calibrated.stderr);
  assert.match(
    calibrated.stdout,
    /^use +1 +0 +2\.00 TFLOP +2\.00 TFLOP +5\.00 MB +14\.0 GB +5 B +67 min +a calibration just now$/m,
  );
  assert.match(calibrated.stdout, /^more than 67 min with --jobs 1/m);

  assert.equal((await project.run('run')).code, 0);
  // Four small nodes are no rule; as many as twenty are.
  const few = await project.run('run', '--dry-run', '--set', 'sizes=[200]');
  assert.match(few.stdout, /^use +1 +0 .* 7 min +a calibration just now$/m);
  const paces = 'artifacts/paces.json';
  const kept = JSON.parse(project.read(paces)) as { use: { nodes: number } };
  assert.equal(kept.use.nodes, 4);
  kept.use.nodes = 20;
  project.write(paces, JSON.stringify(kept));
  const measured = await project.run('run', '--dry-run', '--set', 'sizes=[200]');
  const [, seconds] =
    /^use +1 +0 +200 GFLOP +200 GFLOP +5\.00 MB +1\.40 GB +5 B +(\d+) s +20 earlier runs, of at most 1\/7 the size$/m.exec(
      measured.stdout,
    ) ?? [];
  // 20 ms of a processor for each 1e9 operations, and what starting takes, which on a busy machine is much.
  assert.ok(Number(seconds) >= 4 && Number(seconds) <= 40, measured.stdout);
  // Of nodes that are seventy times smaller most of the time is starting: a calibration says more.
  const far = await project.run('run', '--dry-run', '--params', 'large');
  assert.match(far.stdout, /^use +1 +0 .* 67 min +a calibration just now$/m);
  assert.match((await project.run('run', '--dry-run')).stdout, /^in all +0 +8\n\nnothing would run\n$/m);
});

test('parts: what each adds, which fit into a budget, and one of them run alone', async () => {
  const store = ['--store', 'parts'];
  const planned = await project.run('run', '--dry-run', '--budget', '60s', '--jobs', '1', ...store);
  assert.match(planned.stdout, /^part +to run +core hours +fits +decides\nlast +2 +0\.015 +yes +big, bigger\nall +6 /m);
  assert.match(planned.stdout, /^all +6 +0\.0072 +in part *$/m);
  const wrong = await project.run('run', '--part', 'none', ...store);
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /--part none: no such part: expected one of last, all/);
  const shards = await project.run('run', '--budget', '1h', '--executor', 'slurm', ...store);
  assert.match(shards.stderr, /--budget works for a run on this machine alone: remove --shard/);
  const one = await project.run('run', '--part', 'last', '--log', 'json', ...store);
  assert.equal(one.code, 0, one.stderr);
  assert.match(one.stdout, /"executed":2,"cached":0/);
  // Its time is over before anything could start: what is left is said, and that is no failure.
  const late = await project.run('run', '--budget', '0.001s', ...store);
  assert.equal(late.code, 0, late.stderr);
  assert.match(
    late.stdout + late.stderr,
    /no time for 6 nodes: 3 of use, 3 of make; parts that are not complete: all \(3 of 4 missing\)/,
  );
});

test('run --dry-run says what it does not ask, and refuses a log of progress that it has not', async () => {
  const asked = await project.run('run', '--dry-run', '--set', 'sizes=[5]', '--remote', 'elsewhere', '--push');
  assert.equal(asked.code, 0, asked.stderr);
  const elsewhere = project.path('elsewhere');
  assert.ok(
    asked.stdout.includes(`\nnot asked: ${elsewhere}: nodes whose results are there would not run\n`),
    asked.stdout,
  );
  assert.match(asked.stdout, /^nothing is sent: --push is for the run$/m);
  assert.ok(!existsSync(elsewhere));
  const shard = await project.run('run', '--dry-run', '--set', 'sizes=[5]', '--remote', 'elsewhere', '--shard', '1/3');
  assert.match(shard.stdout, /^the nodes of all 3 shards are counted: each runs a part of them$/m);
  const plain = await project.run('run', '--dry-run', '--set', 'sizes=[5]', '--log', 'plain');
  assert.ok(!plain.stdout.includes('not asked'));
  const forced = await project.run('run', '--dry-run', '--set', 'sizes=[5]', '--remote', 'elsewhere', '--force');
  assert.ok(!forced.stdout.includes('not asked'), 'nodes that are forced run, whatever is there');
  const json = await project.run('run', '--dry-run', '--log', 'json');
  assert.equal(
    json.stderr,
    'repro: --log json with --dry-run: a dry run prints a table, and no progress: use only one of them\n',
  );
  assert.deepEqual([json.code, json.stdout], [2, '']);
});

test('a folder that is no remote, as by a typing error, is named, and the run goes on', async () => {
  const { code, stdout } = await project.run('run', '--log', 'plain', '--set', 'sizes=[1]', '--remote', 'elsewere');
  assert.equal(code, 0, stdout);
  assert.match(stdout, /^warning: remote elsewere: there is no such folder: nothing comes from it$/m);
  const sent = await project.run('run', '--log', 'plain', '--set', 'sizes=[1]', '--remote', 'elsewhere', '--push');
  assert.ok(!sent.stdout.includes('no such folder'), sent.stdout);
  assert.ok(existsSync(project.path('elsewhere')));
});
