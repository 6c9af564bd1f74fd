import assert from 'node:assert/strict';
import { mkdirSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Changes } from '../../src/cli/changes.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

/** A project in a folder of its own, which is watched. */
function watched(prepare: (root: string, outside: string) => void) {
  const place = temporaryDirectory();
  const [root, outside] = ['project', 'outside'].map((name) => join(realpathSync(place.path), name)) as [
    string,
    string,
  ];
  for (const folder of [root, outside, join(root, 'artifacts'), join(root, 'data')]) mkdirSync(folder);
  prepare(root, outside);
  const problems: string[] = [];
  const changes = new Changes(root, [join(root, 'artifacts')], (problem) => problems.push(problem));
  /** What is told after a change, until nothing more comes. */
  const saved = async (change: () => void, last: string): Promise<string[]> => {
    change();
    const all: string[] = [];
    // One that is missed fails the test, and does not hold it for ever.
    const timer = setTimeout(() => changes.stop(), 10_000);
    while (!all.includes(last)) {
      const some = await changes.next();
      assert.ok(some.length > 0, `${last} was missed`);
      all.push(...some);
    }
    clearTimeout(timer);
    return all;
  };
  const end = (): void => {
    changes.stop();
    place[Symbol.dispose]();
  };
  return { root, outside, saved, problems, [Symbol.dispose]: end };
}

const write = (...parts: string[]): void => writeFileSync(join(...parts), 'x');

test(
  'a folder that is removed and made again is watched again, with what is below it',
  { timeout: 20_000 },
  async () => {
    using project = watched((root) => mkdirSync(join(root, 'data/deep')));
    const data = join(project.root, 'data');
    const again = (): void => {
      rmSync(data, { recursive: true });
      mkdirSync(join(data, 'deep'), { recursive: true });
    };
    await project.saved(again, 'data');
    await project.saved(() => write(data, 'a.csv'), 'data/a.csv');
    await project.saved(() => write(data, 'deep/b.csv'), 'data/deep/b.csv');
    const moved = (): void => {
      renameSync(data, join(project.root, 'old'));
      mkdirSync(join(data, 'deep'), { recursive: true });
      write(project.root, 'last');
    };
    await project.saved(moved, 'last');
    await project.saved(() => write(data, 'deep/c.csv'), 'data/deep/c.csv');
    assert.deepEqual(project.problems, []);
  },
);

test(
  'a folder that a link leads to is watched, unless runs write to it or the project is in it',
  { timeout: 20_000 },
  async () => {
    using project = watched((root, outside) => {
      symlinkSync(outside, join(root, 'linked'));
      symlinkSync('artifacts', join(root, 'store'));
      symlinkSync('..', join(root, 'up'));
      symlinkSync('.', join(root, 'self'));
    });
    const { root, outside } = project;
    await project.saved(() => write(outside, 'a.csv'), 'linked/a.csv');
    const all = await project.saved(() => {
      write(root, 'artifacts/blob');
      write(outside, '..', 'other');
      write(root, 'data/last');
    }, 'data/last');
    assert.deepEqual(all, ['data/last']);
  },
);
