import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseNetrc } from '../../src/travel/netrc.ts';
import { remoteLimitsOf, remotesOf } from '../../src/travel/project-remotes.ts';
import { openRemote } from '../../src/travel/remote.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

test('netrc: the entry of the host, else the default one', () => {
  const text = `# a comment\nmachine a.example login anna password s3#cret\nmacdef init\nmachine evil login x\n\nmachine b.example\n  login bob\n  account ignored\n  password p\ndefault login any password thing\n`;
  assert.deepEqual(parseNetrc(text, 'a.example'), { login: 'anna', password: 's3#cret' });
  assert.deepEqual(parseNetrc(text, 'b.example'), { login: 'bob', password: 'p' });
  assert.deepEqual(parseNetrc(text, 'evil'), { login: 'any', password: 'thing' });
  assert.equal(parseNetrc('machine a login x', 'b'), undefined);
  const odd =
    'machine a login x password #1\n  # a comment\nmachine b login "y z" password "q\\"\\\\ #"\nmachine c login w password "';
  assert.deepEqual(parseNetrc(odd, 'a'), { login: 'x', password: '#1' });
  assert.deepEqual(parseNetrc(odd, 'b'), { login: 'y z', password: 'q"\\ #' });
  assert.deepEqual(parseNetrc(odd, 'c'), { login: 'w', password: '"' });
  assert.equal(parseNetrc('', 'a'), undefined);
});

test('remotes come from the command line, else from package.json, and the header only goes to those of the former', () => {
  using directory = temporaryDirectory();
  const write = (repro: unknown): void =>
    writeFileSync(join(directory.path, 'package.json'), JSON.stringify({ repro }));
  process.env['REPRO_REMOTE_AUTHORIZATION'] = 'Bearer secret';
  try {
    assert.deepEqual(remotesOf(directory.path, []), []);
    write({ remotes: ['https://r.example/a', 'shared/results'] });
    assert.deepEqual(remotesOf(directory.path, []), [
      { place: 'https://r.example/a' },
      { place: join(directory.path, 'shared/results') },
    ]);
    assert.deepEqual(remotesOf(directory.path, ['http://other/']), [
      { place: 'http://other/', authorization: 'Bearer secret' },
    ]);
    for (const wrong of [{ remotes: 'https://r.example' }, { remotes: [1] }, []]) {
      write(wrong);
      assert.throws(() => remotesOf(directory.path, []), /package\.json: repro\.remotes = .*: expected a list of URLs/);
    }
    write({ remoteLimits: { attempts: 1 } });
    assert.deepEqual(remoteLimitsOf(directory.path), { attempts: 1 });
    write({ remoteLimits: { attemps: 1 } });
    assert.throws(() => remoteLimitsOf(directory.path), /repro\.remoteLimits\.attemps: unknown: expected idleMilli/);
    write({ remoteLimits: { attempts: '1' } });
    assert.throws(() => remoteLimitsOf(directory.path), /repro\.remoteLimits = .*: expected numbers from 0/);
    for (const [place, message] of [
      ['https://r.example/results?sig=abc', /--remote r\.example: expected a URL without \? and #/],
      ['https://r.example/#results', /--remote r\.example: expected a URL without \? and #/],
      ['https://me:100%@r.example/', /--remote r\.example: its user or password holds a % .*: expected %25/],
    ] as const)
      assert.throws(() => remotesOf(directory.path, [place]), message);
    write({ remotes: ['ftp://r.example'] });
    assert.throws(
      () => remotesOf(directory.path, []),
      /repro\.remotes ftp:\/\/r\.example: expected an http or https URL/,
    );
  } finally {
    delete process.env['REPRO_REMOTE_AUTHORIZATION'];
  }
});

test('credentials are sent as given, from the URL, or from the netrc file, and are in no message', async () => {
  let seen: string | undefined;
  const server = createServer((request, response) => {
    seen = request.headers.authorization;
    response.writeHead(403).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
  using directory = temporaryDirectory();
  const netrc = process.env['NETRC'];
  process.env['NETRC'] = join(directory.path, 'netrc');
  try {
    for (const [place, authorization, expected] of [
      [`http://${host}/`, undefined, undefined],
      [`http://a%40b:secret@${host}/`, undefined, basic('a@b:secret')],
      [`http://${host}/`, 'Bearer secret', 'Bearer secret'],
    ] as const) {
      const remote = openRemote({ place, authorization }, 20_000);
      await assert.rejects(remote.has('ac/x'), (error: Error) => !error.message.includes('secret'));
      assert.ok(!remote.name.includes('secret'));
      assert.equal(seen, expected);
    }
    writeFileSync(join(directory.path, 'netrc'), 'machine 127.0.0.1 login n password secret');
    await assert.rejects(openRemote({ place: `http://${host}/` }, 20_000).has('ac/x'), /answers 403/);
    assert.equal(seen, basic('n:secret'));
  } finally {
    if (netrc === undefined) delete process.env['NETRC'];
    else process.env['NETRC'] = netrc;
    server.closeAllConnections();
    server.close();
  }
});
