import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { InputError } from 'repro';
import type { PipelineDefinition } from 'repro';
import pipeline from '../../../pipeline.ts';
import type { Parameters } from '../../../pipeline/parameters.ts';
import { loadParameters } from '../../../packages/repro/src/params/load.ts';
import { planGraph } from '../../../packages/repro/src/session.ts';
import { figureIds } from '../../../stages/figures/index.ts';

const root = process.env['REPRO_TEST_ROOT']!;
const sets = readdirSync(join(root, 'params'))
  .filter((file) => file.endsWith('.json') && !/schema|claims/.test(file))
  .map((file) => file.replace('.json', ''));

function parametersOf(set: string, ...overrides: string[]) {
  return loadParameters(root, set, overrides, pipeline.params);
}

/** Whether a set that lists this figure alone can be planned. */
function canDraw(set: string, figure: string): boolean {
  try {
    planGraph(pipeline as unknown as PipelineDefinition, root, parametersOf(set, `figures=["${figure}"]`));
    return true;
  } catch (error) {
    if (error instanceof InputError && error.message.includes(`figures: ${figure} `)) return false;
    throw error;
  }
}

for (const set of sets) {
  test(`${set}: every figure that it can draw is listed, or left out with a reason`, () => {
    const { figures, figuresLeftOut = {} } = parametersOf(set).values as unknown as Parameters;
    if ('*' in figuresLeftOut) return assert.ok(figuresLeftOut['*'].length > 20, 'a reason');
    const silent = figureIds.filter((id) => !figures.includes(id) && !(id in figuresLeftOut) && canDraw(set, id));
    assert.deepEqual(silent, []);
  });
}
