import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { codeState } from '../../src/publish/git.ts';
import { runGit } from '../../src/publish/run-git.ts';
import type { Session } from '../../src/session-parts.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

let directory: ReturnType<typeof temporaryDirectory>;
const path = process.env['PATH'];
beforeEach(() => (directory = temporaryDirectory()));
afterEach(() => {
  process.env['PATH'] = path;
  directory[Symbol.dispose]();
});

/** A git that is this script. */
function git(script: string): void {
  writeFileSync(join(directory.path, 'git'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(directory.path, 'git'), 0o755);
  process.env['PATH'] = `${directory.path}${delimiter}${path}`;
}

test('git is in a process group of its own, which a Ctrl-C in a terminal does not reach', async () => {
  const groupOf = (pid: string): string => execFileSync('ps', ['-o', 'pgid=', '-p', pid], { encoding: 'utf8' }).trim();
  git('ps -o pgid= -p $$');
  assert.notEqual((await runGit(directory.path))!.trim(), groupOf(String(process.pid)));
});

test('git that says no, or is ended, says nothing', async () => {
  git('echo something; exit 1');
  assert.equal(await runGit(directory.path), undefined);
  git('echo something; kill -INT $$');
  assert.equal(await runGit(directory.path), undefined);
});

test('where git says the commit and no more, there may be changes', async () => {
  const session = {
    ...{ root: directory.path, reportDirectory: 'reports/quick', code: new Map() },
    ...{ graph: { nodes: [] }, parameters: { file: 'params/quick.json' } },
  } as unknown as Session;
  const says = (status: string, tracked: string): void =>
    git(`case $1 in rev-parse) echo 0123456789ab;; status) ${status};; ls-files) ${tracked};; esac`);
  const commit = '0123456789ab';
  says('true', 'true');
  assert.deepEqual(await codeState(session), { commit, uncommitted: false, reportTracked: false });
  says('kill -INT $$', 'true');
  assert.deepEqual(await codeState(session), { commit, uncommitted: true, reportTracked: false });
  says('exit 128', 'echo reports/quick/report.md');
  assert.deepEqual(await codeState(session), { commit, uncommitted: true, reportTracked: true });
});

test('a project that is a folder of a repository: its inputs and its reports are known by their paths', async () => {
  const repository = directory.path;
  const root = join(repository, 'papers/one');
  const real = (...args: string[]): string =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.org', ...args], {
      cwd: root,
      encoding: 'utf8',
    });
  const write = (name: string): void => {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), `${Math.random()}`);
  };
  write('pipeline.ts');
  write('results/quick/report.md');
  real('init', '-q', repository);
  real('add', '-A');
  real('commit', '-q', '-m', 'first');
  const source = { kind: 'source', path: 'data/points.csv' };
  const inputs = [{ handles: [{ node: source, type: {} }] }];
  const session = {
    ...{ root, reportDirectory: join(root, 'results/quick'), code: new Map() },
    ...{ graph: { nodes: [{ inputs }] }, parameters: { file: 'params/quick.json' } },
  } as unknown as Session;
  const isUncommitted = async (): Promise<boolean> => (await codeState(session)).uncommitted;
  write('notes.txt');
  write('results/quick/report.md');
  write('results/quick/figure.svg');
  assert.equal(await isUncommitted(), false, 'reports do not count, wherever they are, and what nothing reads');
  assert.equal((await codeState(session)).reportTracked, true);
  write('data/points.csv');
  assert.equal(await isUncommitted(), true, 'an input that is not in git');
  real('add', 'data');
  real('commit', '-q', '-m', 'second');
  assert.equal(await isUncommitted(), false);
  real('rm', '-q', '--cached', 'pipeline.ts');
  writeFileSync(join(repository, '.gitignore'), '*\n');
  real('commit', '-q', '-m', 'third');
  assert.equal(await isUncommitted(), true, 'a project that git ignores');
});
