import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { partId } from 'repro/claims';
import type { Acknowledgement, Claim, Part } from 'repro/claims';
import { claims } from './ideal-sweeps.ts';

/**
 * The rules as they were frozen (docs/protocol.md): what each part compares, with which numbers, over how many cells and
 * seeds, and the range of each finding. A rule that is made looser passes every other test if the ideal sweeps still pass
 * and the wrong ones still fail it: here it has to be written down a second time.
 */
const root = process.env['REPRO_TEST_ROOT'] ?? process.cwd();
const path = 'test/stages/report/frozen-rules.txt';

const rangeText = ({ verdict, low, high }: Acknowledgement): string =>
  `${verdict}${low === undefined && high === undefined ? '' : ` ${low ?? ''}..${high ?? ''}`}`;

function line({ id, changes = [] }: Claim, part: Part, i: number): string {
  const { quantity, experiment, cells, against, rule, expectation, design, seeds, acknowledged = {} } = part;
  const place = [experiment, cells && JSON.stringify(cells), against && `against ${JSON.stringify(against)}`];
  return [
    `${id} ${partId(i)}: ${quantity}`,
    ...place.filter((text) => text !== undefined),
    `${rule} ${JSON.stringify(expectation)}`,
    `design ${design}`,
    ...(seeds === undefined ? [] : [`seeds ${seeds}`]),
    ...Object.entries(acknowledged).map(([set, known]) => `${set}: ${rangeText(known)}`),
    ...(changes.some((change) => change.part === partId(i)) ? ['changed'] : []),
  ].join('; ');
}

const rules = claims.flatMap((claim) => claim.parts.map((part, i) => line(claim, part, i)));

test('rules, expectations, designs, seeds and ranges of findings are those that were frozen', () => {
  const text = `${rules.join('\n')}\n`;
  const frozen = readFileSync(join(root, path), 'utf8');
  assert.deepEqual(
    text.split('\n'),
    frozen.split('\n'),
    `a rule is not the one in ${path}: give the reason in \`changes\` of params/claims.json (docs/protocol.md), then write it there, too`,
  );
});
