import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Key } from '../../src/graph/digest.ts';
import { PushQueue } from '../../src/travel/push-queue.ts';
import type { RemoteTraffic } from '../../src/travel/remote-sync.ts';

const keys = (...names: string[]): Key[] => names as Key[];

/** Remotes that answer when the test says so. */
function remotes(): { pushed: string[][]; stops: string[]; answer: ((error?: Error) => void)[]; queue: PushQueue } {
  const pushed: string[][] = [];
  const stops: string[] = [];
  const answer: ((error?: Error) => void)[] = [];
  const push = (_: unknown, sent: readonly Key[]): Promise<RemoteTraffic> => {
    pushed.push([...sent]);
    return new Promise((resolve, reject) =>
      answer.push((error) => (error ? reject(error) : resolve({ results: sent.length, blobs: 0, bytes: 7 }))),
    );
  };
  const queue = new PushQueue({ push, stop: (what) => void stops.push(what) }, { store: undefined as never });
  return { pushed, stops, answer, queue };
}

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

test('results are sent as they come, each once, and all of them before the end', async () => {
  const { pushed, stops, answer, queue } = remotes();
  queue.add(keys('a'));
  queue.add(keys('b'));
  queue.add(keys('c', 'a'));
  assert.deepEqual(pushed, [['a']]);
  answer[0]!();
  await turn();
  assert.deepEqual(pushed, [['a'], ['b', 'c']]);
  queue.add(keys('b', 'd'));
  const finished = queue.finish(false);
  answer[1]!();
  await turn();
  answer[2]!();
  assert.deepEqual(await finished, { results: 4, blobs: 0, bytes: 21 });
  assert.deepEqual([pushed[2], stops], [['d'], []]);
});

test('nothing new to send at the end, as where all of the run was sent before, ends at once', async () => {
  const { answer, queue } = remotes();
  queue.add(keys('a'));
  answer[0]!();
  await turn();
  queue.add(keys('a'));
  assert.deepEqual(await queue.finish(false), { results: 1, blobs: 0, bytes: 7 });
});

test('after an interrupt a remote that is silent holds nobody up, and nothing more is sent', async () => {
  const { pushed, stops, answer, queue } = remotes();
  queue.add(keys('a'));
  queue.add(keys('b'));
  assert.deepEqual(await queue.finish(true), { results: 0, blobs: 0, bytes: 0 });
  assert.deepEqual(stops, ['all']);
  answer[0]!();
  await turn();
  assert.deepEqual(pushed, [['a']]);
});

test('a store that cannot be read ends the run', async () => {
  const { answer, queue } = remotes();
  queue.add(keys('a'));
  answer[0]!(new Error('ENOSPC'));
  await assert.rejects(queue.finish(false), /ENOSPC/);
});
