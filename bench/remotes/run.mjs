// @ts-check
/**
 * Results that travel through a real server: nginx with WebDAV (Debian: nginx-light, libnginx-mod-http-echo), which
 * answers what Bazel's HTTP cache asks. One clone of a project computes and pushes; a second one runs nothing, fetches
 * only what its report needs, and publishes the same lock. Then the server is broken in eleven ways.
 *
 * node bench/remotes/run.mjs [--params SET]     default: ci
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const given = process.argv.indexOf('--params');
const set = (given > 0 && process.argv[given + 1]) || 'ci';
const work = mkdtempSync(join(tmpdir(), 'repro-nginx-'));
const served = join(work, 'served');
/** @type {string[]} */
const failures = [];

process.env['PATH'] += ':/usr/sbin';

/** @param {boolean} holds @param {string} what */
function check(holds, what) {
  console.log(`  ${holds ? 'ok  ' : 'FAIL'} ${what}`);
  if (!holds) failures.push(what);
}

/** @returns {Promise<number>} */
const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
      server.close(() => resolve(port));
    });
  });

const port = await freePort();
const place = `http://127.0.0.1:${port}/cache`;
const accept = `dav_methods PUT; create_full_put_path on; client_body_temp_path ${work}/body; client_max_body_size 0;`;
/** What the server does: the directives of its one location. */
const behaviours = {
  honest: accept,
  silent: 'echo_sleep 3600; echo late;',
  failing: 'return 500;',
  full: `${accept} if ($request_method = PUT) { return 507; }`,
  readOnly: 'dav_methods off;',
};
/** @type {import('node:child_process').ChildProcess | undefined} */
let nginx;

/** @param {keyof typeof behaviours} behaviour */
async function serve(behaviour) {
  await stop();
  const modules = ['ngx_http_echo_module.so'].map((name) => `load_module /usr/lib/nginx/modules/${name};`).join('\n');
  writeFileSync(
    join(work, 'nginx.conf'),
    `${modules}
daemon off; master_process off; worker_processes 1; pid ${work}/pid; error_log ${work}/error.log;
events {}
http {
  access_log ${work}/access.log combined;
  server { listen 127.0.0.1:${port}; location /cache/ { alias ${served}/; ${behaviours[behaviour]} } }
}
`,
  );
  const child = spawn('nginx', ['-c', join(work, 'nginx.conf'), '-e', join(work, 'error.log')], { stdio: 'inherit' });
  nginx = child;
  for (let tries = 0; ; tries++) {
    try {
      await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(2000) });
      return;
    } catch (error) {
      if (tries > 100 || child.exitCode !== null) throw new Error('nginx did not start', { cause: error });
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
  }
}

async function stop() {
  const child = nginx;
  nginx = undefined;
  if (!child || child.exitCode !== null) return;
  await new Promise((resolve) => child.once('exit', resolve) && child.kill('SIGKILL'));
}

/** @param {string} project @param {string[]} args */
function repro(project, ...args) {
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, ['repro', ...args], {
    cwd: project,
    encoding: 'utf8',
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  return { status, stdout, stderr, seconds, text: stdout + stderr };
}

/** The files of a directory, by their paths below it. @param {string} directory @returns {string[]} */
function filesBelow(directory) {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((path) =>
    statSync(join(directory, path)).isFile(),
  );
}

try {
  mkdirSync(served);
  // 1. This repository: a second clone trains nothing.
  console.log(`${set}: a second clone takes its results from nginx`);
  await serve('honest');
  const sent = repro(root, 'run', '--params', set, '--remote', place, '--push');
  check(
    sent.status === 0,
    `the first clone sends its results in ${sent.seconds} s: ${/remote: (.* sent)/.exec(sent.text)?.[1]}`,
  );
  const clone = join(work, 'clone');
  execFileSync('git', ['clone', '-q', '--depth', '1', `file://${root}`, clone]);
  symlinkSync(join(root, 'node_modules'), join(clone, 'node_modules'));
  writeFileSync(join(work, 'access.log'), '');
  await serve('honest');
  const taken = repro(clone, 'run', '--params', set, '--remote', place);
  const log = readFileSync(join(work, 'access.log'), 'utf8');
  check(
    taken.status === 0 && /done: 0 executed/.test(taken.stdout),
    `the second clone runs nothing, in ${taken.seconds} s: ${/done: .*/.exec(taken.stdout)?.[0]}`,
  );
  check(
    readFileSync(join(root, 'reports', set, 'lock.json'), 'utf8') ===
      readFileSync(join(clone, 'reports', set, 'lock.json'), 'utf8'),
    'and publishes the same lock',
  );
  const gets = [...log.matchAll(/"GET \/cache\/(ac|cas)\/(\w+) HTTP[^"]*" 200 (\d+)/g)].map(
    ([, folder = '', name = '', size]) => ({ folder, name, size: Number(size) }),
  );
  const bytes = gets.reduce((sum, { size }) => sum + size, 0);
  const all = filesBelow(join(served, 'cas')).reduce((sum, path) => sum + statSync(join(served, 'cas', path)).size, 0);
  const published = new Set(filesBelow(join(clone, 'reports', set)));
  const traces = gets.filter(
    ({ folder, name }) => folder === 'cas' && /"machine":/.test(readFileSync(join(served, 'cas', name), 'latin1')),
  ).length;
  const outputs = gets.filter(({ folder }) => folder === 'cas').length - traces;
  console.log(
    `  fetched ${gets.length} files, ${bytes} bytes, of ${all} that are there: ${traces} traces, ${outputs} outputs for ${published.size} published files`,
  );
  check(outputs <= published.size, 'only what is published was fetched');

  // 2. A small project and a server that is broken.
  const files = project();
  const make = (/** @type {string} */ name) => {
    const directory = join(work, name);
    rmSync(directory, { recursive: true, force: true });
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      writeFileSync(join(directory, path), text);
    }
    symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));
    return directory;
  };
  rmSync(served, { recursive: true });
  mkdirSync(served);
  await serve('honest');
  const origin = make('origin');
  const first = repro(origin, 'run', '--remote', place, '--push');
  if (first.status !== 0) throw new Error(first.text);
  const lock = readFileSync(join(origin, 'reports/default/lock.json'), 'utf8');
  const pristine = join(work, 'pristine');
  cpSync(served, pristine, { recursive: true });

  console.log('a server that is broken: the run ends with the right result');
  const records = () =>
    readdirSync(join(served, 'ac'))
      .sort()
      .map((name) => join(served, 'ac', name));
  const blobs = () =>
    readdirSync(join(served, 'cas'))
      .sort()
      .map((name) => join(served, 'cas', name));
  /** @type {[string, keyof typeof behaviours | 'down', (() => void)?][]} */
  const ways = [
    ['down', 'down'],
    ['silent', 'silent'],
    ['500', 'failing'],
    [
      'wrong bytes',
      'honest',
      () =>
        blobs().forEach((path) =>
          rewrite(path, (text) => text.replace(/[0-9]/, (digit) => (digit === '1' ? '2' : '1'))),
        ),
    ],
    ['truncated', 'honest', () => blobs().forEach((path) => truncateSync(path, Math.floor(statSync(path).size / 2)))],
    [
      'results under the keys of others',
      'honest',
      () => {
        const texts = records().map((path) => readFileSync(path, 'utf8'));
        records().forEach((path, i) => rewrite(path, () => /** @type {string} */ (texts[(i + 1) % texts.length])));
      },
    ],
    ['full', 'full', () => empty()],
    ['read-only', 'readOnly', () => empty()],
    ['endless', 'honest', () => [...records(), ...blobs()].forEach((path) => truncateSync(path, 2 ** 36))],
    [
      'hostile records',
      'honest',
      () =>
        records().forEach((path) =>
          rewrite(path, (text) =>
            text
              .replace(/"sizeBytes":"\d+"/g, '"sizeBytes":"9007199254740991"')
              .replace('trace.json', '../../trace.json'),
          ),
        ),
    ],
    ['blobs evicted', 'honest', () => blobs().forEach((path, i) => i % 2 && rmSync(path))],
  ];
  for (const [what, behaviour, damage] of ways) {
    rmSync(served, { recursive: true, force: true });
    cpSync(pristine, served, { recursive: true });
    damage?.();
    if (behaviour === 'down') await stop();
    else await serve(behaviour);
    const project = make('broken');
    const { status, stdout, seconds } = repro(project, 'run', '--remote', place, '--push');
    const path = join(project, 'reports/default/lock.json');
    const same = existsSync(path) && readFileSync(path, 'utf8') === lock;
    const warnings = stdout.split('\n').filter((line) => /warning/.test(line));
    const intact = /all intact/.test(repro(project, 'check-store').stdout);
    check(
      status === 0 && same && intact && warnings.length <= 1,
      `${what} (${seconds} s): ${/done: [^,]*, [^,]*/.exec(stdout)?.[0]}${warnings[0] ? `; ${warnings[0].trim().slice(0, 140)}` : ''}`,
    );
    if (status !== 0 || !same || !intact) console.log(stdout);
  }
} finally {
  await stop();
  rmSync(work, { recursive: true, force: true });
}
process.exitCode = failures.length > 0 ? 1 : 0;

function empty() {
  rmSync(served, { recursive: true });
  mkdirSync(served);
}

/** @param {string} path @param {(text: string) => string} change */
function rewrite(path, change) {
  chmodSync(path, 0o644);
  writeFileSync(path, change(readFileSync(path, 'utf8')));
}

/** Five nodes: three numbers, their sum, and a text about it. */
function project() {
  return {
    'package.json': JSON.stringify({
      type: 'module',
      repro: { remoteLimits: { idleMilliseconds: 300, backOffMilliseconds: 10 } },
    }),
    repro: `import { launch } from ${JSON.stringify(join(root, 'packages/repro/src/launch.mjs'))};\nawait launch(import.meta.url);\n`,
    'params/default.json': '{}',
    'pipeline.ts': `
      import { definePipeline, defineStage, file, json, many, Type } from 'repro';
      const Num = json('num', Type.Object({ v: Type.Number() }));
      export const gen = defineStage({ name: 'gen', summary: 'makes a number', params: Type.Object({ i: Type.Integer() }), inputs: {}, outputs: { num: Num } });
      export const sum = defineStage({ name: 'sum', summary: 'adds up', params: Type.Object({}), inputs: { nums: many(Num) }, outputs: { num: Num } });
      export const page = defineStage({ name: 'page', summary: 'writes', params: Type.Object({}), inputs: { num: Num }, outputs: { text: file('markdown', '.md') } });
      export default definePipeline({ name: 'sums', params: Type.Object({}), build: () => {
        const nums = [1, 2, 3].map((i) => gen({ i }, {}).num);
        const { text } = page({}, { num: sum({}, { nums }).num });
        return { files: { 'report.md': text }, report: 'report.md' };
      } });`,
    'stages/gen/run.ts': `
      import { writeJson } from 'repro/runtime';
      export const run = async ({ params, outputs }: any) => writeJson(outputs.num, { v: params.i * 11 });`,
    'stages/sum/run.ts': `
      import { readJson, writeJson } from 'repro/runtime';
      export const run = async ({ inputs, outputs }: any) => writeJson(outputs.num, { v: inputs.nums.reduce((a: number, f: any) => a + (readJson(f) as any).v, 0) });`,
    'stages/page/run.ts': `
      import { readFileSync, writeFileSync } from 'node:fs';
      export const run = async ({ inputs, outputs }: any) => writeFileSync(outputs.text.path, 'The sum is ' + readFileSync(inputs.num.path, 'utf8'));`,
  };
}
