// @ts-check
/**
 * Three shards of a run that share an nginx (Debian: nginx-light): between them they do what one run does, and the lock is
 * the same; so it is when one of them is killed. `node bench/cluster/shards.mjs`
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeProject } from '../../packages/repro/test/cluster/real/project.mjs';

process.env['PATH'] += ':/usr/sbin';
const work = mkdtempSync(join(tmpdir(), 'repro-shards-'));
const project = join(work, 'project');
makeProject(project);
const port = await freePort();
writeFileSync(
  join(work, 'nginx.conf'),
  `daemon off; master_process off; pid ${work}/pid; error_log ${work}/error.log; events {}
http { access_log ${work}/access.log; client_body_temp_path ${work}/body; client_max_body_size 0;
  server { listen 127.0.0.1:${port}; location / { root ${work}/served; dav_methods PUT; create_full_put_path on; } } }`,
);
mkdirSync(join(work, 'served'));
const nginx = spawn('nginx', ['-c', join(work, 'nginx.conf'), '-e', join(work, 'error.log')], { stdio: 'inherit' });
const place = (/** @type {string} */ name) => `http://127.0.0.1:${port}/${name}/`;

const slow = 40;
/** @param {string} log @param {string[]} given */
function start(log, ...given) {
  const words = ['run', '--set', `slow=${slow}`, '--set', 'ms=300', '--set', `log=${log}`, '--log', 'plain', ...given];
  const child = spawn(process.execPath, ['repro', ...words], { cwd: project, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (/** @type {Buffer} */ piece) => (output += piece.toString('utf8')));
  /** @type {Promise<{ code: number | null, output: string, seconds: number }>} */
  const ended = new Promise((resolve) => {
    const began = Date.now();
    child.on('close', (code) => resolve({ code, output, seconds: (Date.now() - began) / 1000 }));
  });
  return { child, ended };
}
const executed = (/** @type {string} */ output) => Number(/done: (\d+) executed/.exec(output)?.[1]);
const lockOf = (/** @type {string} */ reports) =>
  readFileSync(
    join(project, reports, /** @type {string} */ (readdirSync(join(project, reports))[0]), 'lock.json'),
    'utf8',
  );
const shard = (/** @type {number} */ i, /** @type {string} */ name, /** @type {string} */ log) =>
  start(
    log,
    '--jobs',
    '2',
    '--shard',
    `${i}/3`,
    '--remote',
    place(name),
    '--store',
    `${name}-${i}`,
    '--reports',
    `${name}-reports-${i}`,
  );

let failed = false;
try {
  const log = join(work, 'log');
  const whole = await start(log, '--jobs', '2', '--store', 'whole', '--reports', 'whole-reports').ended;
  assert.equal(whole.code, 0, whole.output);
  const nodes = executed(whole.output);
  console.log(`one run: ${nodes} nodes in ${whole.seconds.toFixed(1)} s`);

  const ended = await Promise.all([1, 2, 3].map((i) => shard(i, 'three', log).ended));
  for (const { code, output } of ended) assert.equal(code, 0, output);
  const counts = ended.map(({ output }) => executed(output));
  const sum = counts.reduce((a, b) => a + b, 0);
  console.log(
    `three shards: ${counts.join(' + ')} = ${sum} nodes in ${Math.max(...ended.map(({ seconds }) => seconds)).toFixed(1)} s; ${sum - nodes} by race`,
  );
  assert.ok(sum - nodes <= 3, 'a node is built twice by race only');
  assert.equal(lockOf('three-reports-3'), lockOf('whole-reports'));
  const requests = readFileSync(join(work, 'access.log'), 'utf8').trim().split('\n').length;
  console.log(`requests: ${requests}, ${(requests / nodes).toFixed(1)} a node`);

  const three = [1, 2, 3].map((i) => shard(i, 'killed', log));
  const claims = join(work, 'served/killed/claims');
  const claimed = () =>
    existsSync(claims) &&
    readdirSync(claims).filter((name) => readFileSync(join(claims, name), 'utf8').startsWith('shard 2/3')).length > 2;
  while (!claimed()) await new Promise((resolve) => setTimeout(resolve, 20));
  three[1]?.child.kill('SIGKILL');
  const survivors = await Promise.all(three.filter((_, i) => i !== 1).map(({ ended: end }) => end));
  for (const each of survivors) assert.equal(each.code, 0, each.output);
  assert.equal(lockOf('killed-reports-3'), lockOf('whole-reports'));
  console.log(
    `one of three killed: the others end in ${Math.max(...survivors.map((each) => each.seconds)).toFixed(1)} s with the same lock`,
  );
} catch (error) {
  failed = true;
  console.error(error);
} finally {
  nginx.kill();
  rmSync(work, { recursive: true, force: true });
}
process.exitCode = failed ? 1 : 0;

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
      server.close(() => resolve(port));
    });
  });
}
