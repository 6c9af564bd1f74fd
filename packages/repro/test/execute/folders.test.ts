import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { Type } from '@sinclair/typebox';
import { commandCode } from '../../src/code/command-code.ts';
import { packOutputs } from '../../src/execute/node-files.ts';
import { directory } from '../../src/graph/artifact.ts';
import type { StageDeclaration } from '../../src/graph/declaration.ts';
import { buildGraph } from '../../src/graph/graph.ts';
import { defineStage } from '../../src/graph/stage.ts';
import { sourceFolder } from '../../src/plan/source-folder.ts';
import { filesOfFolder, packFolder, unpackFolder } from '../../src/execute/folders.ts';
import { parquetError, parquetRows } from '../../src/parquet.ts';
import { tarEnd, tarHeader } from '../../src/travel/tar.ts';
import { makeProject } from '../project.ts';
import type { Project } from '../project.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

test('a folder is one archive, whatever the order in which its files were made', () => {
  using place = temporaryDirectory();
  const long = `${'a'.repeat(90)}/${'b'.repeat(90)}.txt`;
  const names = ['z.txt', 'a/b.txt', 'a.txt', 'ä.txt', long, ...Array.from({ length: 500 }, (_, i) => `many/${i}.txt`)];
  const make = (folder: string, order: readonly string[]): string => {
    for (const name of order) {
      mkdirSync(dirname(join(place.path, folder, name)), { recursive: true });
      writeFileSync(join(place.path, folder, name), name.repeat(300));
    }
    packFolder(join(place.path, folder), join(place.path, `${folder}.tar`));
    return join(place.path, `${folder}.tar`);
  };
  const [one, other] = [make('one', names), make('other', [...names].reverse())];
  assert.ok(readFileSync(one).equals(readFileSync(other)));
  const back = join(place.path, 'back');
  unpackFolder(one, back);
  assert.deepEqual(filesOfFolder(back), filesOfFolder(join(place.path, 'one')));
  for (const name of names) assert.equal(readFileSync(join(back, name), 'utf8'), name.repeat(300));
  assert.equal(statSync(join(back, 'z.txt')).mode & 0o777, 0o444);

  symlinkSync('/etc/passwd', join(place.path, 'one/a/link'));
  assert.throws(
    () => packFolder(join(place.path, 'one'), join(place.path, 'again.tar')),
    /^Error: a\/link is a symbolic link: expected files and folders only$/,
  );
  for (const name of ['../outside.txt', '/etc/x', 'a//b', 'a/./b']) {
    const forged = join(place.path, `forged${name.length}.tar`);
    writeFileSync(forged, Buffer.concat([tarHeader({ name, size: 0 }), tarEnd()]));
    assert.throws(
      () => unpackFolder(forged, join(place.path, `out${name.length}`)),
      /in an archive: expected a file of a folder/,
    );
  }
});

test('a pattern from the root does not mean stores and reports, which are other after each run', async () => {
  using place = temporaryDirectory();
  const put = (path: string): void => {
    mkdirSync(dirname(join(place.path, path)), { recursive: true });
    writeFileSync(join(place.path, path), path);
  };
  const own = ['a.json', 'data/b.json', 'data/reports/c.json', 'reported/lock.json'];
  const ofRuns = [
    ...[
      'artifacts/repro-store.json',
      'artifacts/ac/0.json',
      '.other/repro-store.json',
      'reports/index.html',
      'reports/quick/d.json',
    ],
    ...['reports/quick/lock.json', 'reports/quick/provenance.json'],
  ];
  for (const path of [...own, ...ofRuns]) put(path);
  using disk = temporaryDirectory();
  for (const name of ['repro-store.json', '1.json']) writeFileSync(join(disk.path, name), '{}');
  symlinkSync(disk.path, join(place.path, 'linked'));
  const files = async (pattern: string): Promise<string[]> => {
    const command = { files: [pattern], run: () => ['true'], programs: new Set<string>() };
    const stage = { name: 'a', command, outputs: {} } as unknown as StageDeclaration;
    return Object.keys((await commandCode(place.path, stage)).files).sort();
  };
  for (const pattern of ['**', '**/*.json']) {
    assert.deepEqual(Object.keys(sourceFolder(place.path, pattern).files), own);
    assert.deepEqual(await files(pattern), own);
  }
  assert.deepEqual(Object.keys(sourceFolder(place.path, '.').files), own);
  // Who names them means them.
  const named = ['reports/quick/d.json', 'reports/quick/lock.json', 'reports/quick/provenance.json'];
  for (const pattern of ['reports/**/*.json', './reports/**/*.json', '{reports,figures}/**/*.json'])
    assert.deepEqual(
      (await files(pattern)).map((path) => path.replace(/^\.\//, '')),
      named,
    );
  const { base, files: below } = sourceFolder(place.path, 'reports/*/*.json');
  assert.deepEqual(
    Object.keys(below).map((path) => `${base}/${path}`),
    named,
  );
});

test('a name that is not UTF-8 is told, wherever it is found', async () => {
  using place = temporaryDirectory();
  const folder = join(place.path, 'data');
  mkdirSync(folder);
  writeFileSync(join(folder, '\ufffd'), '');
  assert.deepEqual(filesOfFolder(folder), ['\ufffd']);
  writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xe9, 0x61])]), '');
  assert.throws(() => filesOfFolder(folder), /^Error: the name of \ufffda is not UTF-8: expected names in UTF-8$/);
  assert.throws(() => sourceFolder(place.path, 'data'), /^InputError: data\/\ufffda: its name is not UTF-8: expected/);
  const stage = { name: 'a', command: { files: ['data/*'], programs: new Set() }, outputs: {} };
  await assert.rejects(
    commandCode(place.path, stage as unknown as StageDeclaration),
    /^InputError: stage a: files: data\/\ufffda: its name is not UTF-8: expected/,
  );
});

test('a folder that a stage removed or replaced is told, and an archive that it left next to it is not taken', () => {
  using place = temporaryDirectory();
  const stage = defineStage({
    name: 'make',
    summary: '',
    params: Type.Object({}),
    inputs: {},
    outputs: { out: directory('d') },
  });
  const node = buildGraph(
    (_, params) => params,
    () => stage({}, {}),
  ).graph.nodes[0]!;
  const at = (name: string): string => join(place.path, name);
  assert.throws(() => packOutputs(node, place.path), /^Error: .*returned without writing its output "out"/);
  writeFileSync(at('out'), '');
  assert.throws(
    () => packOutputs(node, place.path),
    /^Error: the stage left its output "out" as something other than a folder$/,
  );
  rmSync(at('out'));
  mkdirSync(at('out'));
  writeFileSync(at('out/a'), 'content');
  writeFileSync(at('out.tar'), 'foreign');
  packOutputs(node, place.path);
  unpackFolder(at('out.tar'), at('back'));
  assert.equal(readFileSync(at('back/a'), 'utf8'), 'content');
});

const write = (path: string, columns: object[]): void => {
  writeFileSync(path, new Uint8Array(parquetWriteBuffer({ columnData: columns as never })));
};

test('a table in Parquet is checked: columns, types, and each value', async () => {
  using place = temporaryDirectory();
  const path = join(place.path, 'table.parquet');
  const n = { name: 'n', data: [1, 2], type: 'INT32' };
  const loss = { name: 'loss', data: [0.5, 1], type: 'DOUBLE' };
  const word = { name: 'word', data: ['a', 'b'], type: 'STRING' };
  const columns = { n: 'integer', loss: 'number', word: 'text' } as const;
  write(path, [n, loss, word]);
  assert.equal(await parquetError(path, columns), undefined);
  assert.deepEqual((await parquetRows(path))[1], { n: 2, loss: 1, word: 'b' });
  const wrong: [object[], RegExp][] = [
    [[n, word, loss], /^it has the columns n, word, loss: expected n, loss, word$/],
    [[n, loss], /^it has the columns n, loss: expected n, loss, word$/],
    [[{ ...n, type: 'DOUBLE' }, loss, word], /^column n holds numbers: expected whole numbers$/],
    [[n, { ...loss, data: ['a', 'b'], type: 'STRING' }, word], /^column loss holds text: expected numbers$/],
    [[n, { ...loss, data: [0.5, Number.NaN] }, word], /^row 2, loss = NaN: expected a finite number$/],
    [[n, { ...loss, data: [0.5, null] }, word], /^row 2, loss = null: expected a finite number$/],
  ];
  for (const [data, expected] of wrong) {
    write(path, data);
    assert.match((await parquetError(path, columns)) ?? 'nothing', expected);
  }
  assert.equal(await parquetError(path, columns, false), undefined, 'its columns are right');
  writeFileSync(path, 'n,loss\n1,2\n');
  assert.equal(await parquetError(path, columns), 'it cannot be read as Parquet: it does not begin with PAR1');
});

let project: Project;
before(() => {
  project = makeProject({
    'pipeline.ts': `
      import { command, definePipeline, directory, file, parquet, source, vegaLite } from '$engine/index.ts';
      const Texts = directory('texts');
      const Points = parquet('points', { n: 'integer', loss: 'number' });
      export default definePipeline({
        name: 'folders', defaultSet: 'default',
        build: () => {
          const split = command({
            name: 'split', inputs: { texts: source('data/*.txt', Texts) }, outputs: { parts: Texts },
            run: ({ inputs, outputs }) => ['sh', '-c', \`for f in \${inputs.texts}/*; do name=$(basename $f); mkdir \${outputs.parts}/$name; cat $f > \${outputs.parts}/$name/copy; done\`],
          });
          const list = command({
            name: 'list', inputs: { parts: split.parts }, outputs: { list: file('list', '.txt'), },
            run: ({ inputs, outputs }) => ['sh', '-c', \`find \${inputs.parts}/ -type f | sed s,inputs/parts,., | sort > \${outputs.list}\`],
          });
          const { points } = command({
            name: 'points', inputs: { given: source('data/points.parquet', Points) }, outputs: { points: Points },
            run: ({ inputs, outputs }) => ['cp', inputs.given, outputs.points],
          });
          const raw = command({
            name: 'raw', inputs: { given: source('data/points.parquet', file('raw', '.parquet')) }, outputs: { points: Points },
            run: ({ inputs, outputs }) => ['cp', inputs.given, outputs.points],
          });
          return {
            figures: { points: vegaLite({ mark: 'line', encoding: { x: { field: 'n', type: 'quantitative' }, y: { field: 'loss', type: 'quantitative' } } }, points) },
            files: { 'list.txt': list.list, 'parts.tar': split.parts, 'raw.parquet': raw.points },
          };
        },
      });`,
    'data/a.txt': 'a',
    'data/b.txt': 'b',
    'data/notes.md': 'no text',
  });
  write(project.path('data/points.parquet'), [
    { name: 'n', data: [1, 2], type: 'INT32' },
    { name: 'loss', data: [0.5, 0.25], type: 'DOUBLE' },
  ]);
});
after(() => project.close());

test('folders as sources, outputs and inputs; a figure of a table in Parquet', async () => {
  const run = async (): Promise<string> => {
    const { code, stdout, stderr } = await project.run('run', '--log', 'plain');
    assert.equal(code, 0, stdout + stderr);
    return stdout;
  };
  await run();
  assert.equal(project.read('reports/default/list.txt'), './a.txt/copy\n./b.txt/copy\n');
  assert.match(project.read('reports/default/figures/points.vl.json'), /"loss":0.25,"n":2/);
  assert.match(await run(), /done: 0 executed/);
  project.write('data/notes.md', 'changed');
  assert.match(await run(), /done: 0 executed/, 'a file that the pattern does not match');
  project.write('data/c.txt', 'c');
  assert.match(await run(), /done: 2 executed/, 'a new file that it does');
  assert.match(project.read('reports/default/list.txt'), /c.txt\/copy/);

  write(project.path('data/points.parquet'), [
    { name: 'n', data: [1], type: 'INT32' },
    { name: 'loss', data: [Infinity], type: 'DOUBLE' },
  ]);
  const { code, stdout } = await project.run('run', '--log', 'plain', '--keep-going');
  assert.equal(code, 1);
  const problem = 'row 1, loss = Infinity: expected a finite number';
  assert.ok(stdout.includes(`output "points" is not what points declares: ${problem}`), stdout);
  assert.ok(stdout.includes(`the source data/points.parquet is not what its type declares: ${problem}`), stdout);
});
