import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { bodyPieces } from '../src/network.ts';

/** Collects what nothing refers to any more. */
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Sends three bytes of the thousand that it promises, and knows the paths whose connection was closed. */
let server: Server;
const closed = new Set<string>();
before(async () => {
  server = createServer(({ url }, response) => {
    response.writeHead(200, { 'content-length': 1000 });
    response.write('abc');
    response.once('close', () => closed.add(url!));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
after(() => {
  server.closeAllConnections();
  server.close();
});

/** Reads until it ends, while memory is collected, and then `abort` is called. */
async function read(signal: AbortSignal, abort: () => void): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, {
    signal,
    redirect: 'error',
  });
  const reading = (async () => {
    let text = '';
    for await (const piece of bodyPieces(response, signal)) text += Buffer.from(piece).toString();
    return text;
  })();
  reading.catch(() => undefined);
  for (let i = 0; i < 3; i++) {
    await setTimeout(10);
    collect();
  }
  abort();
  return Promise.race([reading, setTimeout(5000, 'still waits', { ref: false })]);
}

test('a body that goes silent ends with its signal, though memory was collected meanwhile', async () => {
  for (let i = 0; i < 5; i++) {
    const stop = new AbortController();
    await assert.rejects(
      read(stop.signal, () => stop.abort(new Error(`stop ${i}`))),
      { message: `stop ${i}` },
    );
  }
});

test('so it does with one of two signals', async () => {
  for (let i = 0; i < 5; i++) {
    const [stop, other] = [new AbortController(), new AbortController()];
    const either = AbortSignal.any([other.signal, stop.signal]);
    await assert.rejects(
      read(either, () => stop.abort(new Error(`stop ${i}`))),
      { message: `stop ${i}` },
    );
  }
});

test('a body that is not read to its end closes its connection', async () => {
  const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/left`);
  for await (const piece of bodyPieces(response, new AbortController().signal)) {
    assert.equal(Buffer.from(piece).toString(), 'abc');
    break;
  }
  for (let i = 0; !closed.has('/left') && i < 500; i++) await setTimeout(10);
  assert.ok(closed.has('/left'));
});
