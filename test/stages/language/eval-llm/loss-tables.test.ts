import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { encodeSafetensors } from '../../../../numerics/checkpoints/safetensors.ts';
import { readFinished, saveFinished } from '../../../../stages/language/eval-llm/finished-texts.ts';
import { lossTables } from '../../../../stages/language/eval-llm/loss-tables.ts';
import { maxResidentBytes } from '../../../../stages/language/eval-llm/resident-bytes.ts';

const scratch = mkdtempSync(join(tmpdir(), 'eval-llm-tables-'));
after(() => rmSync(scratch, { recursive: true, force: true }));

const finished = [
  { text: 2, losses: Float32Array.of(1, 2, 3) },
  { text: 0, losses: Float32Array.of(5) },
];

test('both weightings: by tokens of a text, and by those that are predicted', () => {
  const { totals, byText, byToken } = lossTables([2, 1, 4], finished);
  assert.deepEqual(byText, { tokens: [2, 1, 4], loss: [5, null, 2] });
  assert.deepEqual(totals, {
    loss: (2 * 5 + 4 * 2) / 6,
    lossPerPredictedToken: (5 + 1 + 2 + 3) / 4,
    texts: 2,
    tokens: 6,
    predictedTokens: 4,
  });
  assert.deepEqual([...byToken.loss], [5, 1, 2, 3]);
  assert.deepEqual([...byToken.begin], [0, 1, 1, 4]);
});

test('texts that are done are found again after a crash; a file half written is no file', () => {
  assert.deepEqual(readFinished(join(scratch, 'none')), []);
  saveFinished(scratch, finished);
  saveFinished(scratch, [{ text: 7, losses: Float32Array.of(4) }]);
  writeFileSync(join(scratch, 'finished-9.safetensors.tmp'), 'half');
  const byText = new Map(readFinished(scratch).map(({ text, losses }) => [text, [...losses]]));
  assert.deepEqual(
    byText,
    new Map([
      [2, [1, 2, 3]],
      [0, [5]],
      [7, [4]],
    ]),
  );
});

test('a damaged file of texts that are done is removed, and its texts are not done', () => {
  const directory = join(scratch, 'damaged');
  saveFinished(directory, finished);
  saveFinished(directory, [{ text: 7, losses: Float32Array.of(4) }]);
  const path = join(directory, 'finished-2.safetensors');
  const whole = readFileSync(path);
  const inconsistent = (texts: number, lengths: readonly number[]): Uint8Array =>
    encodeSafetensors({
      text: { dtype: 'I32', shape: [texts], data: new Int32Array(texts) },
      length: { dtype: 'I32', shape: [lengths.length], data: Int32Array.from(lengths) },
      losses: { dtype: 'F32', shape: [4], data: new Float32Array(4) },
    });
  for (const damaged of [
    new Uint8Array(),
    whole.subarray(0, 5),
    whole.subarray(0, -1),
    new Uint8Array(whole.length),
    inconsistent(2, [3, 2]),
    inconsistent(2, [5, -1]),
    inconsistent(1, [3, 1]),
  ]) {
    writeFileSync(path, damaged);
    assert.deepEqual(readFinished(directory), [{ text: 7, losses: Float32Array.of(4) }]);
    assert.ok(!existsSync(path));
  }
  saveFinished(directory, finished);
  assert.equal(readFinished(directory).length, 3);
});

test('the limit of resident bytes comes from the environment', () => {
  assert.equal(maxResidentBytes({ REPRO_MAX_RESIDENT_BYTES: '1e9' }), 1e9);
  assert.ok(maxResidentBytes({}) > 1e6);
  assert.throws(
    () => maxResidentBytes({ REPRO_MAX_RESIDENT_BYTES: 'much' }),
    /^Error: REPRO_MAX_RESIDENT_BYTES=much: expected a number of bytes$/,
  );
});
