import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Fuzzer } from './fuzz.ts';
import { readers } from './readers.ts';

const directory = mkdtempSync(join(tmpdir(), 'fuzz-'));
const fuzzer = new Fuzzer(directory);
after(async () => {
  await fuzzer.close();
  rmSync(directory, { recursive: true });
});

for (const reader of Object.keys(readers))
  test(`${reader}: 500 mutated files are read right or refused in one line, under limits`, async (t) => {
    const { faults, accepted, refused, limited } = await fuzzer.fuzz(reader, 500, 20_261_126);
    t.diagnostic(`${accepted} accepted, ${refused} refused, ${limited} ended by a limit`);
    assert.deepEqual(faults, []);
    assert.equal(accepted + refused + limited, 500);
  });
