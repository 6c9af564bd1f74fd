import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openPuppet } from './puppet-service.ts';

const options = { name: 'some file', advice: 'name another' };

test('a service answers one question after another, and asks for what it needs', async () => {
  const puppet = openPuppet({ scale: 3 }, { ...options, supply: async (request) => [request, 'supplied'] });
  assert.equal(await puppet.ask({ type: 'scale', value: 14 }), 42);
  assert.deepEqual(await puppet.ask({ type: 'supply', value: 5 }), [5, 'supplied']);
  await assert.rejects(puppet.ask({ type: 'throw', value: 'of its own' }), {
    name: 'RangeError',
    message: 'of its own',
  });
  assert.equal(await puppet.ask({ type: 'scale', value: 1 }), 3);
  await puppet.close();
  await assert.rejects(puppet.ask({ type: 'scale', value: 1 }), /^Error: some file: closed$/);
});

test('an endless loop and an endless pattern end at the deadline, in one line', async () => {
  for (const type of ['loop', 'pattern'] as const) {
    const puppet = openPuppet({ scale: 1 }, { ...options, seconds: 0.3 });
    const message = 'some file: decoding it takes longer than 0.3 s, the limit: name another';
    await assert.rejects(puppet.ask({ type }), { message });
    await assert.rejects(puppet.ask({ type: 'scale', value: 1 }), { message });
    await puppet.close();
  }
});

test('objects without end reach the limit of memory, in one line; the process goes on', async () => {
  for (const type of ['objects', 'array', 'text', 'bytes', 'size'] as const) {
    const puppet = openPuppet({ scale: 1 }, { ...options, megabytes: 32 });
    await assert.rejects(puppet.ask({ type }), {
      message: 'some file: decoding it takes more than 32 MB of memory, the limit: name another',
    });
    await puppet.close();
  }
});

test('time that the supply takes does not count, and its errors are thrown as they are', async () => {
  const slow = openPuppet(
    { scale: 1 },
    { ...options, seconds: 1.5, supply: () => new Promise((resolve) => void setTimeout(resolve, 2000, 'late')) },
  );
  assert.equal(await slow.ask({ type: 'supply', value: 0 }), 'late');
  await slow.close();
  const broken = new TypeError('no network');
  const puppet = openPuppet({ scale: 1 }, { ...options, supply: () => Promise.reject(broken) });
  await assert.rejects(puppet.ask({ type: 'supply', value: 0 }), (error) => error === broken);
  await puppet.close();
});

test('a service that ends its process is told of in one line', async () => {
  const puppet = openPuppet({ scale: 1 }, options);
  await assert.rejects(puppet.ask({ type: 'exit' }), /^Error: some file: decoding it ended.*$/);
  await puppet.close();
});
