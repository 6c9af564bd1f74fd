import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import fs, { existsSync, mkdirSync, readFileSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { packFolder, unpackFolder } from '../../src/execute/folders.ts';
import { firstDifference } from '../../src/execute/same-bytes.ts';
import { fileDigest } from '../../src/store/files.ts';
import { Leases } from '../../src/store/lease.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

let directory: ReturnType<typeof temporaryDirectory>;
let ours: Leases;
let theirs: Leases;
let now: number;
const path = (name: string): string => join(directory.path, 'leases', name);
const longAgo = new Date(Date.now() - 3_600_000);
const farAhead = new Date(Date.now() + 3_600_000_000);
beforeEach(() => {
  directory = temporaryDirectory();
  mkdirSync(join(directory.path, 'leases'));
  now = 0;
  [ours, theirs] = [new Leases(directory.path, () => now), new Leases(directory.path, () => now)];
});
afterEach(() => {
  ours.releaseAll();
  theirs.releaseAll();
  directory[Symbol.dispose]();
});

/** As a holder writes it; elsewhere unless `changes` say otherwise. */
function leave(name: string, changes: Readonly<Record<string, unknown>> = {}): void {
  assert.ok(ours.acquire('template'));
  const holder = JSON.parse(readFileSync(path('template'), 'utf8')) as Record<string, unknown>;
  ours.release('template');
  writeFileSync(path(name), JSON.stringify({ ...holder, id: 'someone', host: 'elsewhere', pid: 1, ...changes }));
}
const here = { host: hostname() };

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

test('a dead holder on this machine loses its lease at once', () => {
  leave('a', { ...here, pid: spawnSync(process.execPath, ['-e', '']).pid });
  assert.ok(!ours.isHeld('a'));
  assert.ok(ours.acquire('a'));
  assert.ok(!theirs.acquire('a'));
});

test('a living one keeps it, however long its heart has not beaten: it may be stopped or asleep', () => {
  const started = execFileSync('sed', ['s/^.*) //', `/proc/${process.pid}/stat`], { encoding: 'utf8' }).split(' ')[19];
  leave('a', { ...here, pid: process.pid, started });
  utimesSync(path('a'), longAgo, longAgo);
  for (let i = 0; i < 5; i++, now += 60_000) assert.ok(!ours.acquire('a'));
});

test('another process with the number of the dead one does not keep its lease', () => {
  leave('a', { ...here, pid: process.pid, started: '1' });
  assert.ok(ours.acquire('a'));
});

test('a living run in another container of the same host name keeps its lease while its heart beats', () => {
  leave('a', { ...here, pid: 2 ** 22 - 1, pidNamespace: 'pid:[1]' });
  for (let i = 0; i < 20; i++, now += 2_000) {
    const beat = new Date(longAgo.getTime() + now);
    utimesSync(path('a'), beat, beat);
    assert.ok(!ours.acquire('a'), `after ${now / 1000} s`);
  }
  now += 10_000;
  assert.ok(!ours.acquire('a'));
  now += 10_000;
  assert.ok(ours.acquire('a'));
});

test('a holder elsewhere loses it when its heart was not seen to beat for long, whatever its date says', () => {
  for (const [name, date] of [
    ['a', longAgo],
    ['b', farAhead],
  ] as const) {
    leave(name);
    utimesSync(path(name), date, date);
    assert.ok(!ours.acquire(name), 'clocks of machines differ');
    now += 14_000;
    assert.ok(!ours.acquire(name));
    now += 2_000;
    assert.ok(!ours.isHeld(name));
    assert.ok(ours.acquire(name));
  }
});

test('a lease of which only the file was made, before its maker died, is taken over', () => {
  writeFileSync(path('a'), '');
  assert.ok(!ours.acquire('a'), 'its maker may be about to write into it');
  now += 16_000;
  assert.ok(ours.acquire('a'));
});

test('a pipe in the place of a lease neither holds it nor makes anyone wait', () => {
  execFileSync('mkfifo', [path('a')]);
  assert.ok(!ours.isHeld('a'));
  assert.ok(ours.acquire('a'));
  assert.ok(statSync(path('a')).isFile());
});

test('of two that find a dead lease, one gets it, even if a third died while taking over', () => {
  leave('a');
  leave('a.takeover');
  assert.ok(!ours.acquire('a') && !theirs.acquire('a'));
  now += 16_000;
  assert.ok(!ours.acquire('a') && !theirs.acquire('a'), 'someone may be at it');
  now += 16_000;
  const taken = [ours, theirs, ours, theirs].map((leases) => leases.acquire('a'));
  assert.equal(taken.filter(Boolean).length, 1);
  assert.deepEqual(readdirSync(join(directory.path, 'leases')), ['a']);
});

test('a lease that is given back while another run finds it held has one holder, though a third makes it first', (t) => {
  const third = new Leases(directory.path, () => now);
  assert.ok(theirs.acquire('a'));
  let thirdHas: boolean | undefined;
  const { statSync: stat, writeFileSync: write } = fs;
  t.after(() => {
    third.releaseAll();
    Object.assign(fs, { statSync: stat, writeFileSync: write });
    syncBuiltinESMExports();
  });
  Object.assign(fs, {
    statSync: (...given: Parameters<typeof stat>) => {
      theirs.release('a');
      return stat(...given);
    },
    writeFileSync: (file: number | string, text: string) => {
      // What is about to be put in the place of the lease.
      if (String(file).endsWith(ours.id)) thirdHas ??= third.acquire('a');
      write(file, text);
    },
  });
  syncBuiltinESMExports();
  const oursHas = ours.acquire('a');
  assert.ok(!(oursHas && thirdHas), 'two runs hold one lease');
  assert.ok(oursHas);
  assert.ok(!third.acquire('a'));
});

test('a holder whose lease was taken over does not remove the new one', () => {
  assert.ok(ours.acquire('a'));
  leave('a', { id: 'another' });
  ours.release('a');
  assert.ok(existsSync(path('a')));
  assert.ok(!ours.owns('a'));
});

test('who has to know waits until it does: for 15 s where it cannot ask, and not at all where it can', async () => {
  const alive = spawn('sleep', ['60']);
  const started = execFileSync('sed', ['s/^.*) //', `/proc/${alive.pid}/stat`], { encoding: 'utf8' }).split(' ')[19];
  leave('living', { ...here, pid: alive.pid, started });
  const waited = theirs.settle();
  await waited;
  assert.equal(now, 0);
  assert.deepEqual(theirs.heldByOthers(), ['living']);
  alive.kill();

  leave('silent');
  assert.ok(theirs.heldByOthers().includes('silent'));
  now += 16_000;
  await theirs.settle();
  assert.ok(!theirs.heldByOthers().includes('silent'));
});

test('it beats too while this process is busy with a large file, and no timer fires', () => {
  const file = join(directory.path, 'large');
  writeFileSync(file, Buffer.alloc(1 << 21));
  assert.ok(ours.acquire('a'));
  const beatsWhile = (action: () => void): boolean => {
    utimesSync(path('a'), longAgo, longAgo);
    now += 2_000;
    action();
    return Date.now() - statSync(path('a')).mtimeMs < 60_000;
  };
  assert.ok(beatsWhile(() => void fileDigest(file)));
  assert.ok(beatsWhile(() => void firstDifference(file, file)));
  mkdirSync(join(directory.path, 'folder'));
  writeFileSync(join(directory.path, 'folder', 'large'), Buffer.alloc(1 << 21));
  const archive = join(directory.path, 'archive');
  assert.ok(beatsWhile(() => packFolder(join(directory.path, 'folder'), archive)));
  assert.ok(beatsWhile(() => unpackFolder(archive, join(directory.path, 'copy'))));
  ours.releaseAll();
  leave('a');
  assert.ok(!beatsWhile(() => void fileDigest(file)));
});

test('the heart beats while a lease is held, and only then', () => {
  const timers = new Map<object, () => void>();
  mock.method(globalThis, 'setInterval', (beat: () => void) => {
    const timer = { unref: () => timer };
    timers.set(timer, beat);
    return timer;
  });
  mock.method(globalThis, 'clearInterval', (timer: object) => timers.delete(timer));
  const tick = (): void => timers.forEach((beat) => beat());
  try {
    assert.ok(ours.acquire('a'));
    utimesSync(path('a'), longAgo, longAgo);
    tick();
    assert.ok(Date.now() - statSync(path('a')).mtimeMs < 60_000);
    ours.releaseAll();
    assert.equal(timers.size, 0);
    leave('a');
    utimesSync(path('a'), longAgo, longAgo);
    tick();
    assert.ok(Math.abs(statSync(path('a')).mtimeMs - longAgo.getTime()) < 1_000);
  } finally {
    mock.restoreAll();
  }
});
