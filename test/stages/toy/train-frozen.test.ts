import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadStageCode } from '../../../packages/repro/src/code/stage-code.ts';
import { train } from '../../../stages/toy/train/stage.ts';

/** The code digest of the wasm trainer. It is in the key of every training, and published results took hundreds of hours. */
const trainingCode = '1902f503ee8595270ffeed2a9909589fb2bb63b642588485db1414acc08a6ef6';

test('the training code is what published results were computed with, and uses nothing that changes with the rest', async () => {
  const { digest, files } = await loadStageCode(process.env['REPRO_TEST_ROOT']!, train.declaration as never, 'wasm');
  const foreign = Object.keys(files).filter((file) => !/^(stages\/toy\/train|numerics)\//.test(file));
  assert.deepEqual(foreign, [], 'a change to these would change the key of every training');
  assert.ok(
    !Object.keys(files).some((file) => file.startsWith('numerics/foreign/')),
    'training reads no foreign files',
  );
  assert.equal(
    digest,
    trainingCode,
    'The training code has another digest: every training is stale. Undo the change, or, if it is meant, set the digest in this test and take the results over with `repro accept train`.',
  );
});
