import assert from 'node:assert/strict';
import fc from 'fast-check';
import { chmodSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { source } from '../../src/graph/graph.ts';
import { PuppetProject, SourceText, puppetStage } from '../puppets.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

const make = puppetStage('make');
const mix = puppetStage('mix');

test('whatever byte of whatever file of the store is changed, or lost with all behind it: the next run ends as before, and the one after runs nothing', async () => {
  const seen = new Set<string>();
  let which = 0;
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.constantFrom('flip', 'truncate', 'empty', 'extend'), async (where, how) => {
      using directory = temporaryDirectory();
      const project = new PuppetProject(directory.path);
      project.write('data.txt', 'data');
      project.build(() => {
        const made = [0, 1].map(
          (i) => make({ i }, { from: [], maybe: undefined, read: [source('data.txt', SourceText)] }).out,
        );
        mix({}, { from: made, maybe: undefined, read: [] });
      });
      const before = project.start();
      await before.finishAll();

      const root = join(directory.path, 'artifacts');
      const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
        .map((name) => join(root, name))
        .filter((path) => statSync(path).isFile())
        .sort();
      const path = files[which++ % files.length]!;
      seen.add(
        relative(root, path)
          .split('/')
          .slice(0, 2)
          .join('/')
          .replace(/[0-9a-f]{64}/, 'digest')
          .replace(/[0-9a-f]{16}/, 'puppets'),
      );
      const bytes = readFileSync(path);
      const at = where % bytes.length;
      chmodSync(path, 0o644);
      if (how === 'flip') bytes[at]! ^= 1 << (where % 7);
      writeFileSync(
        path,
        how === 'truncate'
          ? bytes.subarray(0, at)
          : how === 'empty'
            ? ''
            : how === 'extend'
              ? Buffer.concat([bytes, bytes])
              : bytes,
      );

      const after = project.start();
      const summary = await after.finishAll();
      assert.equal(summary.failed, 0);
      assert.ok(summary.executed <= 1, 'a single damage costs a single node');
      assert.equal(after.lock(), before.lock());
      assert.deepEqual(
        after.events.filter(({ type }) => type === 'warning'),
        [],
      );
      const third = project.start();
      assert.equal((await third.finishAll()).executed, 0);
      assert.equal(third.lock(), before.lock());

      // What only tells what changed may be damaged for good, and must not stop a node that does change.
      project.write('data.txt', 'other data');
      assert.equal((await project.start().finishAll()).executed, 3);
    }),
    { numRuns: 100 },
  );
  for (const place of ['cas/digest', 'ac/digest', 'roots/puppets', 'repro-store.json', 'blob-index'])
    assert.ok(seen.has(place), place);
});
