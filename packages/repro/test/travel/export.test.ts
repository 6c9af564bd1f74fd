import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import * as zlib from 'node:zlib';
import { gunzipSync, gzipSync } from 'node:zlib';
import { after, before, describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { fileDigest } from '../../src/store/files.ts';
import { Store } from '../../src/store/store.ts';
import { writeFolder } from '../../src/travel/export.ts';
import { tarEnd, tarHeader } from '../../src/travel/tar.ts';
import type { Project } from '../project.ts';
import { reportProject } from '../publish/report-project.ts';

let origin: Project;
before(async () => {
  origin = reportProject();
  const { code, stdout, stderr } = await origin.run('run');
  assert.equal(code, 0, stdout + stderr);
  const exported = await origin.run('export', 'results.tar.gz', '--without', 'sum');
  assert.equal(exported.code, 0, exported.stderr);
  assert.match(exported.stdout, /^exported 6 of 6 nodes: 6 results, \d+ blobs, .*; left out 1 blob \(\d+ B\)\n/);
});
after(() => origin.close());

/** A fresh clone of the origin: its files, its reports, and no store. */
async function withClone(body: (clone: Project) => Promise<void>, reports = true): Promise<void> {
  const clone = reportProject();
  try {
    cpSync(origin.path('results.tar.gz'), clone.path('results.tar.gz'));
    if (reports) cpSync(origin.path('reports'), clone.path('reports'), { recursive: true });
    await body(clone);
  } finally {
    clone.close();
  }
}

async function counts(project: Project, ...args: string[]): Promise<string> {
  const { stdout, stderr } = await project.run('run', '--log', 'json', ...args);
  const { executed, cached, failed } = JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as Record<string, number>;
  return `${executed} executed, ${cached} cached, ${failed} failed${stderr}`;
}

test('the same results make the same archive, byte for byte', async () => {
  await origin.run('export', 'again.tar.gz', '--without', 'sum');
  assert.deepEqual(readFileSync(origin.path('again.tar.gz')), readFileSync(origin.path('results.tar.gz')));
});

test('a folder holds the files of the archive, is imported like one, and is a remote', async () => {
  const digest = (text: string) => /content sha256 ([0-9a-f]{64})/.exec(text)?.[1];
  const archive = await origin.run('export', 'again.tar.gz', '--without', 'sum');
  const folder = await origin.run('export', 'results/', '--without', 'sum');
  assert.equal(folder.code, 0, folder.stderr);
  assert.equal(digest(folder.stdout), digest(archive.stdout));
  assert.match(
    (await origin.run('export', 'results')).stderr,
    /results: it holds files: expected a folder that is empty/,
  );
  await withClone(async (clone) => {
    cpSync(origin.path('results'), clone.path('results'), { recursive: true });
    assert.match((await clone.run('import', 'results')).stdout, /^imported 6 results \(0 were there\)/);
    assert.equal(await counts(clone), '0 executed, 6 cached, 0 failed');
  }, true);
  await withClone(async (clone) => {
    const { stdout } = await clone.run('run', '--remote', origin.path('results'));
    assert.match(stdout, /0 executed, 6 cached/);
    cpSync(origin.path('results'), clone.path('results'), { recursive: true });
    const [blob] = readdirSync(clone.path('results/cas'));
    rmSync(clone.path(`results/cas/${blob!}`));
    assert.match((await clone.run('import', 'results')).stderr, /results: it holds less than it says/);
    symlinkSync('/etc/hostname', clone.path(`results/cas/${blob!}`));
    assert.match((await clone.run('import', 'results')).stderr, /results: cas\/[0-9a-f]{64} is no file/);
  }, true);
});

test('a compressed file that is no archive of results is not replaced', async () => {
  const table = gzipSync('x,y\n1,2\n');
  writeFileSync(origin.path('table.csv.gz'), table);
  const { code, stderr } = await origin.run('export', 'table.csv.gz');
  assert.equal(code, 2);
  assert.match(stderr, /^repro: table\.csv\.gz: another compressed file is there: expected a name that is free, /);
  assert.deepEqual(readFileSync(origin.path('table.csv.gz')), table);
  for (const start of [Buffer.of(), readFileSync(origin.path('results.tar.gz'))]) {
    writeFileSync(origin.path('replaced.tar.gz'), start);
    assert.equal((await origin.run('export', 'replaced.tar.gz')).code, 0);
  }
});

test('a link to an empty folder stands for the folder', async () => {
  mkdirSync(origin.path('real'));
  symlinkSync('real', origin.path('link'));
  const { code, stderr } = await origin.run('export', 'link/');
  assert.equal(code, 0, stderr);
  assert.ok(existsSync(origin.path('real/repro-archive.json')));
  assert.ok(lstatSync(origin.path('link')).isSymbolicLink());
});

test('tar reads it', () => {
  const { stdout, status } = spawnSync('tar', ['tzf', origin.path('results.tar.gz')], { encoding: 'utf8' });
  assert.equal(status, 0);
  const names = stdout.trimEnd().split('\n');
  assert.equal(names[0], 'repro-archive.json');
  assert.equal(names.filter((name) => /^ac\/[0-9a-f]{64}$/.test(name)).length, 6);
  const sizes = names
    .filter((name) => name.startsWith('cas/'))
    .map((name) => statSync(origin.path('artifacts', name)).size);
  assert.deepEqual(
    sizes,
    [...sizes].sort((a, b) => a - b),
    'what is alike is close together',
  );
});

test('the name says how it is compressed, and any Node that can reads it', async () => {
  const { code, stdout, stderr } = await origin.run('export', 'results.tar.zst', '--without', 'sum');
  if (!('createZstdCompress' in zlib)) {
    assert.equal(code, 2);
    assert.match(
      stderr,
      /^repro: results\.tar\.zst: this Node cannot compress by zstd \(22\.15 can\): expected a name /,
    );
    return;
  }
  assert.equal(code, 0, stderr);
  assert.match(stdout, / \(zstd\)/);
  await withClone(async (clone) => {
    cpSync(origin.path('results.tar.zst'), clone.path('results.tar.zst'));
    assert.match((await clone.run('import', 'results.tar.zst')).stdout, /^imported 6 results \(0 were there\)/);
  }, true);
});

/** A frame of Zstandard whose blocks are not compressed, and no checksum: RFC 8878. */
function stored(bytes: Buffer): Buffer {
  const most = 2 ** 17;
  const blocks = Array.from({ length: Math.ceil(bytes.length / most) }, (_, i) => {
    const block = bytes.subarray(i * most, (i + 1) * most);
    const header = Buffer.alloc(3);
    header.writeUIntLE((block.length << 3) | ((i + 1) * most >= bytes.length ? 1 : 0), 0, 3);
    return Buffer.concat([header, block]);
  });
  return Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x70]), ...blocks]);
}

test('an archive by zstd is read by any Node; one that is cut is refused in a line', async () => {
  const archive = stored(zlib.gunzipSync(readFileSync(origin.path('results.tar.gz'))));
  await withClone(async (clone) => {
    writeFileSync(clone.path('cut.tar.zst'), archive.subarray(0, archive.length - 2000));
    const cut = await clone.run('import', 'cut.tar.zst');
    assert.equal(cut.code, 2, cut.stderr);
    assert.match(cut.stderr, /^repro: .*cut\.tar\.zst: .+: expected an archive that .*\n$/);
    writeFileSync(clone.path('whole.tar.zst'), archive);
    assert.match((await clone.run('import', 'whole.tar.zst')).stdout, /^imported 6 results \(/);
  }, true);
});

test('imported into a fresh clone nothing runs, with its reports or without; the report is that of the origin', async () => {
  for (const reports of [true, false]) {
    await withClone(async (clone) => {
      const { code, stdout, stderr } = await clone.run('import', 'results.tar.gz');
      assert.equal(code, 0, stderr);
      assert.match(stdout, /^imported 6 results \(0 were there\), .*; 1 blob came without bytes/);
      assert.match((await clone.run('status', '--json')).stdout, /"state": "fresh"/);
      if (reports) assert.equal(await counts(clone), '0 executed, 6 cached, 0 failed');
      else assert.equal(await counts(clone), '1 executed, 5 cached, 0 failed', 'sum.json is published');
      assert.equal(clone.read('reports/quick/lock.json'), origin.read('reports/quick/lock.json'));
      assert.equal((await clone.run('verify', '--published')).code, 0);
      assert.match((await clone.run('check-store')).stdout, /all intact/);
      assert.match((await clone.run('gc')).stdout, /^removed 0 results/);
      assert.equal(await counts(clone), '0 executed, 6 cached, 0 failed');
      assert.match((await clone.run('import', 'results.tar.gz')).stdout, /^imported 0 results \(6 were there\)/);
    }, reports);
  }
});

test('a project can name its remotes in package.json', () =>
  withClone(async (clone) => {
    clone.write('package.json', JSON.stringify({ type: 'module', repro: { remotes: [origin.path('artifacts')] } }));
    assert.equal(await counts(clone), '0 executed, 6 cached, 0 failed');
    assert.equal(clone.read('reports/quick/lock.json'), origin.read('reports/quick/lock.json'));
    rmSync(clone.path('artifacts'), { recursive: true });
    rmSync(clone.path('reports'), { recursive: true });
    assert.equal(await counts(clone, 'gen', '--no-remote'), '3 executed, 0 cached, 0 failed');
    clone.write('package.json', '{"type":"module"}');
    assert.match((await clone.run('run', '--push')).stderr, /^repro: --push: expected --remote, or remotes in package/);
  }, false));

test('a set can name its archive, which import fetches and compares', () =>
  withClone(async (clone) => {
    const quick = (url: string, sha256: string): void =>
      clone.write('params/quick.json', JSON.stringify({ $archive: { url, sha256 }, count: 3, base: 1 }));
    const sha256 = fileDigest(origin.path('results.tar.gz'));
    quick('results.tar.gz', sha256);
    clone.write('params/other.json', '{"extends": "quick", "base": 2}');
    const { code, stdout, stderr } = await clone.run('import', '--params', 'quick');
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^imported 6 results/);
    assert.equal(await counts(clone), '1 executed, 5 cached, 0 failed');
    assert.deepEqual(readdirSync(clone.path('artifacts/tmp')), []);
    assert.match(
      (await clone.run('import', '--params', 'other')).stderr,
      /^repro: other: it names no archive: expected/,
    );
    quick(
      'results.tar.gz',
      sha256.replace(/./, (digit) => (digit === '0' ? '1' : '0')),
    );
    assert.match(
      (await clone.run('import', '--params', 'quick')).stderr,
      /^repro: results\.tar\.gz: sha256 \w+: expected \w+: it is/,
    );
    quick('http://127.0.0.1:2/x', sha256);
    const unreachable = await clone.run('import', '--params', 'quick');
    assert.equal(unreachable.code, 2);
    assert.match(unreachable.stderr, /^repro: http:\/\/127\.0\.0\.1:2\/x: no network: .*: nothing was imported\n$/);
    quick('', sha256);
    assert.match((await clone.run('status')).stderr, /^repro: params\/quick\.json: \$archive = .*: expected \{ "url"/);
    assert.equal((await clone.run('import')).code, 2);
  }, false));

test('checks of results that came without bytes: by their digests, and what needs the bytes is not run', () =>
  withClone(async (clone) => {
    await clone.run('import', 'results.tar.gz');
    const checked = await clone.run('check-determinism');
    assert.equal(checked.stderr, '');
    for (const node of ['gen[i=0]', 'sum']) assert.ok(checked.stdout.includes(`same      ${node}\n`), checked.stdout);
    for (const node of ['claims', 'page'])
      assert.ok(
        checked.stdout.includes(
          `not-run   ${node}\n            the bytes of sum.num, which it reads, are not here: audit computes them too\n`,
        ),
        checked.stdout,
      );
    assert.match(checked.stdout, /6 nodes run again: 4 the same, 0 different, 0 failed, 2 not run\n$/);
    assert.equal(checked.code, 3);
    process.env['REPRO_TEST_ADDEND'] = '1';
    try {
      const { code, stdout } = await clone.run('check-determinism', 'sum');
      assert.match(stdout, /different sum\n +num: its digest is [0-9a-f]{12}: expected [0-9a-f]{12}\n/);
      assert.equal(code, 1);
    } finally {
      delete process.env['REPRO_TEST_ADDEND'];
    }
    assert.match((await clone.run('show', 'sum')).stdout, /output +num: not here, it came without bytes \(\d+ B\)\n/);
    const { stdout, stderr } = await clone.run('check-inputs', 'claims', 'gen[i=0]');
    assert.equal(stderr, '');
    assert.match(stdout, /^not-run +claims\n +the bytes of sum\.num/m);
  }));

test('a changed consumer recalls what its bytes come from, and nothing else', () =>
  withClone(async (clone) => {
    await clone.run('import', 'results.tar.gz');
    rmSync(clone.path('reports'), { recursive: true });
    clone.write('params/claims.json', '{"low": 1, "high": 100}');
    assert.equal(await counts(clone, 'claims'), '2 executed, 3 cached, 0 failed');
    assert.match((await clone.run('run', 'sum')).stdout, /^done: 0 executed, 4 cached/m);
  }));

test('a dry run counts what runs again because its bytes are needed', () =>
  withClone(async (clone) => {
    await clone.run('import', 'results.tar.gz');
    const toRun = async (...nodes: string[]): Promise<Record<string, string>> => {
      const { stdout } = await clone.run('run', ...nodes, '--dry-run');
      return Object.fromEntries(
        [...stdout.matchAll(/^(\w[\w ]*?) +(\d+) +\d+\b/gm)].map(([, what, count]) => [what, count]),
      );
    };
    assert.equal((await toRun())['in all'], '0', 'what is published is in the report');
    clone.write('params/claims.json', '{"low": 1, "high": 100}');
    assert.equal((await toRun('claims'))['in all'], '1');
    rmSync(clone.path('reports'), { recursive: true });
    assert.deepEqual(await toRun('claims'), { gen: '0', sum: '1', claims: '1', 'in all': '2' });
    assert.equal(await counts(clone, 'claims'), '2 executed, 3 cached, 0 failed');
  }));

test('bytes that a remote lacks are sent once they are computed, though it has the result', () =>
  withClone(async (clone) => {
    await clone.run('import', 'results.tar.gz');
    rmSync(clone.path('reports'), { recursive: true, force: true });
    const remote = ['--remote', clone.path('remote'), '--push'];
    cpSync(clone.path('artifacts/ac'), clone.path('remote/ac'), { recursive: true });
    cpSync(clone.path('artifacts/cas'), clone.path('remote/cas'), { recursive: true });
    const blobs = (): number => readdirSync(clone.path('remote/cas')).length;
    const before = blobs();
    const { stdout } = await clone.run('run', ...remote);
    assert.match(stdout, /remote: 0 results, 1 blobs, \d+ bytes sent\n[^]*1 executed/);
    assert.equal(blobs(), before + 1);
    assert.match((await clone.run('run', ...remote)).stdout, /remote: 0 results, 0 blobs, 0 bytes sent\n/);
  }, false));

test('a recalled node that comes out with other bytes fails, and its record stays', () =>
  withClone(async (clone) => {
    await clone.run('import', 'results.tar.gz');
    rmSync(clone.path('reports'), { recursive: true });
    const before = readdirSync(clone.path('artifacts/ac')).sort();
    // The same key, and other bytes: what the stage reads from its surroundings is in no key.
    process.env['REPRO_TEST_ADDEND'] = '1';
    try {
      const { code, stdout } = await clone.run('run');
      assert.equal(code, 1);
      assert.match(stdout, /sum.*not deterministic: "num" was recorded as [0-9a-f]{12} and came out as [0-9a-f]{12}/s);
    } finally {
      delete process.env['REPRO_TEST_ADDEND'];
    }
    assert.deepEqual(readdirSync(clone.path('artifacts/ac')).sort(), before);
    assert.equal(await counts(clone), '1 executed, 5 cached, 0 failed');
  }));

test('a link that leads nowhere, as an editor leaves it in a report, is no file of it', () =>
  withClone(async (clone) => {
    symlinkSync('me@host.1234', clone.path('reports/quick/.#report.md'));
    await clone.run('import', 'results.tar.gz');
    assert.equal(await counts(clone), '0 executed, 6 cached, 0 failed');
    const { code, stdout, stderr } = await clone.run('diff', 'quick', 'quick');
    assert.equal(code, 0, stderr);
    assert.match(stdout, /6 the same/);
  }));

test('a result that the store has with other bytes stays, and that is said', () =>
  withClone(async (clone) => {
    process.env['REPRO_TEST_ADDEND'] = '1';
    try {
      assert.equal((await clone.run('run', 'sum')).code, 0);
    } finally {
      delete process.env['REPRO_TEST_ADDEND'];
    }
    const { code, stdout } = await clone.run('import', 'results.tar.gz');
    assert.equal(code, 0);
    assert.match(
      stdout,
      /^imported 2 results \(4 were there\).*\nnot deterministic: 1 result of it has other bytes .* those of the store stay: sum\n$/,
    );
    assert.doesNotMatch((await clone.run('import', 'results.tar.gz', '--store', 'empty')).stdout, /not deterministic/);
  }, false));

/** The archive with its files under other names, and headers that are right. */
function renamed(rename: (name: string) => string): (bytes: Buffer) => Buffer {
  return (bytes) => {
    const files: Buffer[] = [];
    for (let at = 0; bytes[at] !== 0;) {
      const name = bytes.toString('latin1', at, at + 100).replace(/\0.*$/s, '');
      const size = parseInt(bytes.toString('latin1', at + 124, at + 135), 8);
      const end = at + 512 + Math.ceil(size / 512) * 512;
      files.push(tarHeader({ name: rename(name), size }), bytes.subarray(at + 512, end));
      at = end;
    }
    return gzipSync(Buffer.concat([...files, tarEnd()]));
  };
}

describe('an archive of which nothing is taken', () => {
  const tar = (): Buffer => gunzipSync(readFileSync(origin.path('results.tar.gz')));
  const text =
    (from: string, to: string) =>
    (bytes: Buffer): Buffer =>
      Buffer.from(bytes.toString('latin1').replace(from, to), 'latin1');
  const cases: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
    'ends early': (bytes) => gzipSync(bytes.subarray(0, bytes.length - 4000)),
    'is cut within its compression': (bytes) => gzipSync(bytes).subarray(0, 900),
    'has a changed blob': (bytes) => gzipSync(text('{"v":5}', '{"v":6}')(bytes)),
    'names a file outside': renamed((name) => (name === 'elsewhere' ? '../victim' : name)),
    'has a result under another key': renamed((name) => (name.startsWith('ac/') ? `ac/0000${name.slice(7)}` : name)),
    'is no archive': () => Buffer.from('hello'),
    'is empty': () => Buffer.alloc(0),
    'holds more than it says': (bytes) => gzipSync(text('"results": 6', '"results": 5')(bytes)),
    'holds less than it says': (bytes) => gzipSync(text('"results": 6', '"results": 7')(bytes)),
  };
  for (const [what, damage] of Object.entries(cases)) {
    test(what, () =>
      withClone(async (clone) => {
        writeFileSync(clone.path('results.tar.gz'), damage(tar()));
        const { code, stdout, stderr } = await clone.run('import', 'results.tar.gz');
        assert.equal(code, 2, stdout + stderr);
        assert.match(stderr, /^repro: .*results\.tar\.gz: .*\n$/);
        assert.deepEqual(readdirSync(clone.path('artifacts/ac')), []);
        assert.deepEqual(readdirSync(clone.path('artifacts/tmp')), []);
        assert.ok(!existsSync(clone.path('victim')));
      }, false),
    );
  }
});

test('an archive appears whole or not at all, and is refused where it has nothing to hold', async () => {
  const nothing = await origin.run('export', 'none.tar.gz', '--set', 'base=77');
  assert.equal(nothing.code, 2);
  assert.match(nothing.stderr, /^repro: quick: no result of it is in the store: run it first\n$/);
  assert.ok(!existsSync(origin.path('none.tar.gz')));
  const wrong = await origin.run('export', 'none.tar.gz', '--without', 'summ');
  assert.match(wrong.stderr, /^repro: --without summ: no such stage: expected one of gen, sum, claims, page\n$/);
  await origin.run('export', 'small.tar.gz', '--max-blob', '20B');
  assert.ok(statSync(origin.path('small.tar.gz')).size > 0);
});

test('an export that is interrupted leaves nothing behind', { timeout: 120_000 }, async () => {
  const project = reportProject();
  try {
    const page = project.read('stages/page/run.ts').replace("'a,b\\n1,2\\n'", "randomBytes(20e6).toString('hex')");
    assert.match(page, /randomBytes/);
    project.write('stages/page/run.ts', `import { randomBytes } from 'node:crypto';\n${page}`);
    assert.equal((await project.run('run')).code, 0);
    mkdirSync(project.path('out'));
    const { child, finished } = project.start(['export', 'out/results.tar.gz']);
    while (readdirSync(project.path('out')).length === 0 && child.exitCode === null) await setTimeout(5);
    child.kill('SIGINT');
    const { code, stderr } = await finished;
    assert.deepEqual([code, stderr], [130, 'repro: export: interrupted: nothing was written\n']);
    assert.deepEqual(readdirSync(project.path('out')), []);

    const store = new Store(project.path('artifacts'));
    const selection = { keys: store.keys(), blobs: new Map(), elsewhere: [], leftOutBytes: 0 };
    const stop = AbortSignal.abort(new Error('stop'));
    await assert.rejects(writeFolder(store, selection, project.path('out', 'results'), stop), { message: 'stop' });
    assert.deepEqual(readdirSync(project.path('out')), []);
    store.close();
  } finally {
    project.close();
  }
});
