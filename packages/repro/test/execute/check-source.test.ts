import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Type } from '@sinclair/typebox';
import { checkSource } from '../../src/execute/check-source.ts';
import { file, json, table } from '../../src/graph/artifact.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

const Birds = table('birds', { species: 'text', mass: 'number' });
const Fit = json('fit', Type.Object({ slope: Type.Number() }));

test('a source has to be what its type declares, like an output', () => {
  using directory = temporaryDirectory();
  let copies = 0;
  const check = (type: Parameters<typeof checkSource>[0], content: string | Buffer): void => {
    const copy = join(directory.path, String(copies++));
    writeFileSync(copy, content);
    checkSource(type, copy, 'data/birds');
  };
  check(Birds, 'species,mass\nGans,3.5\n');
  check(Fit, '{"slope": 2}');
  check(file('birds', '.csv'), 'anything');
  const refused = (type: Parameters<typeof checkSource>[0], content: string | Buffer, problem: RegExp): void =>
    assert.throws(
      () => check(type, content),
      ({ message }: Error) =>
        message.startsWith('the source data/birds is not what its type declares: ') && problem.test(message),
    );
  refused(Birds, 'species,mass\nGans,NA\n', /line 2, mass = "NA": expected a finite number/);
  refused(Birds, 'species;mass\n', /line 1 has the columns species;mass: expected species, mass$/);
  refused(Birds, Buffer.from('species,mass\nG\xe4nse,1\n', 'latin1'), /it is not UTF-8/);
  refused(Fit, '{"slop": 2}', /slop/);
  refused(Fit, '{"slope": }', /it:1:11/);
});
