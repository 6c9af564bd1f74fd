import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { Leases } from '../../src/store/lease.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

let directory: ReturnType<typeof temporaryDirectory>;
let ours: Leases;
let theirs: Leases;
const path = (name: string): string => join(directory.path, 'leases', name);
const longAgo = new Date(Date.now() - 3_600_000);
beforeEach(() => {
  directory = temporaryDirectory();
  mkdirSync(join(directory.path, 'leases'));
  [ours, theirs] = [new Leases(directory.path), new Leases(directory.path)];
});
afterEach(() => {
  ours.releaseAll();
  theirs.releaseAll();
  directory[Symbol.dispose]();
});

test('one holder at a time', () => {
  assert.ok(ours.acquire('a'));
  assert.ok(!theirs.acquire('a'));
  assert.ok(theirs.isHeld('a'));
  assert.ok(theirs.acquire('b'));
  ours.release('a');
  assert.ok(!theirs.isHeld('a'));
  assert.ok(theirs.acquire('a'));
  theirs.releaseAll();
  assert.deepEqual(readdirSync(join(directory.path, 'leases')), []);
});

test('a lease is released by its holder only', () => {
  assert.ok(ours.acquire('a'));
  theirs.release('a');
  theirs.releaseAll();
  assert.ok(ours.isHeld('a'));
});

test('a dead holder on this machine loses its lease at once; a living one does not', () => {
  const dead = spawnSync(process.execPath, ['-e', '']).pid;
  leave('a', dead, hostname());
  leave('b', process.pid, hostname());
  assert.ok(!ours.isHeld('a'));
  assert.ok(ours.acquire('a'));
  assert.ok(!theirs.acquire('a'));
  assert.ok(!ours.acquire('b'));
});

test('a holder elsewhere loses it when its heart has not beaten for long', () => {
  leave('a', 1, 'elsewhere');
  assert.ok(!ours.acquire('a'));
  utimesSync(path('a'), longAgo, longAgo);
  assert.ok(!ours.isHeld('a'));
  assert.ok(ours.acquire('a'));
});

test('a lease of which only the file was made, before its maker died, is taken over', () => {
  writeFileSync(path('a'), '');
  assert.ok(!ours.acquire('a'), 'its maker may be about to write into it');
  utimesSync(path('a'), longAgo, longAgo);
  assert.ok(ours.acquire('a'));
});

test('of two that find a dead lease, one gets it, even if a third died while taking over', () => {
  leave('a', 1, 'elsewhere');
  utimesSync(path('a'), longAgo, longAgo);
  leave('a.takeover', 1, 'elsewhere');
  assert.ok(!ours.acquire('a'), 'someone is at it');
  utimesSync(path('a.takeover'), longAgo, longAgo);
  const taken = [ours, theirs, ours, theirs].map((leases) => leases.acquire('a'));
  assert.equal(taken.filter(Boolean).length, 1);
  assert.deepEqual(readdirSync(join(directory.path, 'leases')), ['a']);
});

test('a holder whose lease was taken over does not remove the new one', () => {
  assert.ok(ours.acquire('a'));
  utimesSync(path('a'), longAgo, longAgo);
  assert.ok(theirs.acquire('a'));
  ours.release('a');
  assert.ok(existsSync(path('a')));
  assert.equal(theirs.isHeld('a'), true);
});

test('the heart beats while a lease is held, and only then', () => {
  mock.timers.enable({ apis: ['setInterval'] });
  try {
    assert.ok(ours.acquire('a'));
    utimesSync(path('a'), longAgo, longAgo);
    mock.timers.tick(2_000);
    assert.ok(Date.now() - statSync(path('a')).mtimeMs < 60_000);
    ours.releaseAll();
    leave('a', 1, 'elsewhere');
    utimesSync(path('a'), longAgo, longAgo);
    mock.timers.tick(10_000);
    assert.ok(Math.abs(statSync(path('a')).mtimeMs - longAgo.getTime()) < 1_000);
  } finally {
    mock.timers.reset();
  }
});

function leave(name: string, pid: number, host: string): void {
  writeFileSync(path(name), JSON.stringify({ id: 'someone', pid, host }));
  assert.ok(readFileSync(path(name), 'utf8'));
}
