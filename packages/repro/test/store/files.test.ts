import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { removeTree } from '../../src/store/files.ts';
import { asOrdinaryUser } from '../ordinary-user.ts';

test('a folder goes with what is in it, also where nobody may write or look into folders; what links lead to stays', async () => {
  await asOrdinaryUser((folder) => {
    const [tree, other] = [join(folder, 'tree'), join(folder, 'other')];
    mkdirSync(join(tree, 'pkg', 'mod', 'closed'), { recursive: true });
    mkdirSync(other);
    for (const path of ['pkg/file', 'pkg/mod/file', 'pkg/mod/closed/file']) writeFileSync(join(tree, path), '');
    writeFileSync(join(other, 'file'), '');
    symlinkSync(other, join(tree, 'pkg', 'link'));
    chmodSync(join(tree, 'pkg', 'mod', 'closed'), 0o000);
    for (const path of ['pkg/mod', 'pkg']) chmodSync(join(tree, path), 0o555);
    chmodSync(other, 0o555);
    removeTree(tree);
    assert.ok(!existsSync(tree));
    assert.ok(existsSync(join(other, 'file')));
    chmodSync(other, 0o755);
    removeTree(join(folder, 'absent'));
  });
});
