import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Type } from '@sinclair/typebox';
import { commandLine } from '../../src/cli/main.ts';
import { definePipeline } from '../../src/pipeline.ts';

/** The help of every verb as it was reviewed. `UPDATE_SNAPSHOTS=1 npm test -- cli/help` writes it again. */
const snapshot = join(process.env['REPRO_TEST_ROOT']!, 'packages/repro/test/cli/verbs.help.txt');

const pipeline = definePipeline({
  name: 'dice',
  defaultSet: 'default',
  examples: { set: 'large', stage: 'throw-dice', node: 'throw-dice[seed=2]', override: 'throws=2000' },
  params: Type.Object({}),
  build: () => ({ files: {} }),
});

test('the help of every verb is the reviewed one', () => {
  const program = commandLine({ pipeline, root: '/', command: 'npx repro' });
  let text = '';
  for (const command of [program, ...program.commands]) {
    text += `$ repro ${command === program ? '' : `${command.name()} `}--help\n`;
    command.configureOutput({ writeOut: (part) => void (text += part), getOutHelpWidth: () => 100 });
    command.outputHelp();
    text += '\n';
  }
  // The number of cores is the default of --jobs.
  text = text.replace(/\(default: \d+\)/g, (all) => (all === '(default: 1)' ? all : '(default: CORES)'));
  if (process.env['UPDATE_SNAPSHOTS']) writeFileSync(snapshot, text);
  assert.equal(text, readFileSync(snapshot, 'utf8'));
});
