import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { ShardLeases } from '../../src/cluster/shard.ts';
import type { ShardTimes } from '../../src/cluster/shard.ts';
import type { Key } from '../../src/graph/digest.ts';
import type { GraphNode } from '../../src/graph/graph.ts';
import { open } from '../../src/plan/outcome.ts';
import type { Session } from '../../src/session-parts.ts';
import type { Remotes } from '../../src/travel/remote-sync.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

const times: Partial<ShardTimes> = {
  pollMilliseconds: 5,
  beatMilliseconds: 10,
  settleMilliseconds: 0,
  patienceMilliseconds: 50,
};
const node = { inputs: [] } as unknown as GraphNode;
const [first, second] = ['1', '2'].map((digit) => digit.repeat(64)) as [Key, Key];

/** A shard whose remote never ends what `stuck` names. */
function shard(stuck: Partial<Record<'pullOne' | 'pullBlobs' | 'push', Key | 'all'>>, pulled?: () => Promise<boolean>) {
  const directory = temporaryDirectory();
  mkdirSync(join(directory.path, 'leases'));
  const claims = new Map<Key, string>();
  const renewals = new Map<Key, number>();
  let stopped: () => void;
  const stop = new Promise<void>((resolve) => (stopped = resolve));
  const unless = (key: Key | undefined, what: keyof typeof stuck): Promise<void> =>
    stuck[what] === 'all' || (key !== undefined && stuck[what] === key) ? stop : Promise.resolve();
  const remotes = {
    pullOne: (_: unknown, __: unknown, key: Key) => unless(key, 'pullOne').then(pulled ?? (() => false)),
    pullBlobs: () => unless(undefined, 'pullBlobs'),
    push: (_: unknown, [key]: readonly Key[]) => unless(key, 'push'),
    readClaim: (key: Key) => Promise.resolve(claims.get(key)),
    claim: (key: Key, claim: string) => {
      claims.set(key, claim);
      renewals.set(key, (renewals.get(key) ?? -1) + 1);
      return Promise.resolve(true);
    },
    unclaim: (key: Key) => Promise.resolve(void claims.set(key, '')),
    stop: () => stopped(),
  };
  const session = { store: { directory: directory.path, readResult: () => ({}) } } as unknown as Session;
  const leases = new ShardLeases(session, { index: 1, count: 1, jobs: 2, times }, () => open);
  leases.connect(remotes as unknown as Remotes);
  const renewed = async (key: Key): Promise<void> => {
    const before = renewals.get(key) ?? 0;
    while ((renewals.get(key) ?? 0) < before + 3) await setTimeout(5);
  };
  const close = (): void => {
    stopped();
    leases.releaseAll();
    directory[Symbol.dispose]();
  };
  const acquired = async (key: Key): Promise<void> => {
    while (!leases.acquire(key, node)) await setTimeout(5);
  };
  return { leases, claims, renewed, acquired, close };
}

test('claims are renewed while something large is brought', { timeout: 10_000 }, async () => {
  const { leases, renewed, acquired, close } = shard({ pullOne: second });
  try {
    await acquired(first);
    leases.acquire(second, node);
    await renewed(first);
  } finally {
    close();
  }
});

test('the claim of a node whose inputs are brought is renewed', { timeout: 10_000 }, async () => {
  const { leases, renewed, close } = shard({ pullBlobs: 'all' });
  try {
    leases.acquire(first, node);
    await renewed(first);
  } finally {
    close();
  }
});

test('the claim of a node is renewed until what came of it is sent', { timeout: 10_000 }, async () => {
  const { leases, renewed, acquired, close } = shard({ push: first });
  try {
    await acquired(first);
    leases.release(first);
    await renewed(first);
  } finally {
    close();
  }
});

test('an interrupt ends a shard that is bringing or sending something large', { timeout: 10_000 }, async () => {
  for (const what of ['pullOne', 'push'] as const) {
    const { leases, acquired, close } = shard({ [what]: what === 'push' ? first : second });
    try {
      await acquired(first);
      leases.acquire(second, node);
      leases.release(first);
      leases.interrupt();
      await leases.finish();
    } finally {
      close();
    }
  }
});

test('a store that can no longer be written to ends the shard, and not the process', { timeout: 10_000 }, async () => {
  const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  const { leases, close } = shard({}, () => Promise.reject(full));
  try {
    assert.equal(leases.acquire(first, node), false);
    await setTimeout(20);
    assert.throws(() => leases.acquire(second, node), full);
    assert.throws(() => leases.isHeld(first), full);
    await assert.rejects(leases.finish(), full);
  } finally {
    close();
  }
});
