// @ts-check
/**
 * Kills runs at random moments and looks whether anything was lost: `node bench/crash/run.mjs [--kills 100] [--seed N]`.
 *
 * Two runs at a time on one store, each ended at a random moment by KILL, TERM, HUP or INT, with `gc` or `check-store` beside
 * them. At the end: the lock equals that of a run that nothing disturbed, nothing that was told to be finished was run
 * again, check-store finds the store intact, and no process is left.
 */
import { spawn, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { cacheDirectory } from '../../packages/repro/src/code/bundler.mjs';

const { values } = parseArgs({ options: { kills: { type: 'string', default: '100' }, seed: { type: 'string' } } });
const kills = Number(values.kills);
const seed = Number(values.seed ?? Date.now() % 1e9);
const signals = /** @type {const} */ (['SIGKILL', 'SIGTERM', 'SIGHUP', 'SIGINT']);

let state = seed;
/** From 0 to 1. */
function random() {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
}

const repository = fileURLToPath(new URL('../..', import.meta.url));
const root = realpathSync(mkdtempSync(join(tmpdir(), 'repro-crash-')));
const told = join(root, 'told');
/** In the environment of all that is started here, jobs too, so that what is left can be found. */
const mark = `TMPDIR=${root}`;
process.on('exit', () => {
  rmSync(cacheDirectory(root), { recursive: true, force: true });
  rmSync(root, { recursive: true, force: true });
});

const parts = 90;
const nodes = parts + 11;
writeProject();
/** @type {string[]} */
const problems = [];
/** Nodes that a run reported as finished. @type {Set<string>} */
const finished = new Set();
const bySignal = Object.fromEntries(signals.map((signal) => [signal, 0]));
let [done, undisturbed, started, collected] = [0, 0, 0, 0];

await once('run');
const expected = lock('reports');
for (const path of ['artifacts', 'reports']) rmSync(join(root, path), { recursive: true, force: true });

while (done < kills) {
  const before = toldNodes().length;
  const runs = ['reports', 'reports-2'].map((reports) => killedRun(reports));
  const beside = random() < 0.5 ? start(random() < 0.5 ? ['gc'] : ['check-store']) : undefined;
  const ended = await Promise.all([...runs, beside?.ended]);
  const startedNow = toldNodes().slice(before);
  started += startedNow.length;
  for (const node of startedNow) if (finished.has(node)) problems.push(`${node} was finished and ran again`);
  if (new Set(startedNow).size < startedNow.length && !ended.some((run) => run && run.killed))
    problems.push('a node ran twice at once');
  for (const run of ended) for (const node of run?.finished ?? []) finished.add(node);
  // What killed runs made belongs to no successful run yet, so a gc may remove it.
  const removed = /removed (\d+) results?/.exec(beside ? ((await beside.ended).stdout ?? '') : '')?.[1];
  if (Number(removed ?? 0) > 0) {
    finished.clear();
    collected++;
  }
  if (lock('reports') === expected && lock('reports-2') === expected && random() < 0.5) {
    for (const path of ['artifacts', 'reports', 'reports-2'])
      rmSync(join(root, path), { recursive: true, force: true });
    finished.clear();
  }
}
const last = await once('run');
if (lock('reports') !== expected) problems.push('the last lock is not the undisturbed one');
const again = await once('run', '--log', 'json');
if (!/"executed":0,/.test(again.stdout)) problems.push('a run after the last had something to do');
const check = await once('check-store');
await setTimeout(1_000);
const left = leftProcesses();
if (left.length > 0) problems.push(`processes are left: ${left.join(', ')}`);
const counts = Object.entries(bySignal).map(([signal, count]) => `${count} ${signal}`);
console.log(
  `seed ${seed}: ${done} kills (${counts.join(', ')}), ${undisturbed} runs ended before; ${nodes} nodes, ${started} started in all`,
);
console.log(
  `gc removed results of killed runs ${collected} times; check-store: ${check.stdout.trim().split('\n').at(-1)}`,
);
console.log(
  `last run: ${last.stdout
    .trim()
    .split('\n')
    .find((line) => line.includes('executed'))}`,
);
for (const problem of problems.slice(0, 20)) console.log(`PROBLEM: ${problem}`);
console.log(
  problems.length ? `${problems.length} problems` : 'nothing was lost, nothing ran twice, no process is left',
);
process.exitCode = problems.length ? 1 : 0;

/** @param {string} reports */
async function killedRun(reports) {
  const { child, ended } = start(['run', '--log', 'json', '--jobs', '2', '--reports', reports]);
  const signal = /** @type {(typeof signals)[number]} */ (signals[Math.floor(random() * signals.length)]);
  let lines = Math.floor(random() * 80);
  const delay = random() * 60;
  let killed = false;
  const kill = () => {
    if (killed || child.exitCode !== null) return;
    killed = child.kill(signal);
    if (!killed) return;
    done++;
    bySignal[signal] = (bySignal[signal] ?? 0) + 1;
  };
  // Some while it starts, the others among its events.
  if (lines === 0) void setTimeout(random() * 1_500).then(kill);
  else
    child.stdout.on('data', (chunk) => {
      for (const _ of String(chunk).matchAll(/node-(started|finished)|published/g))
        if (--lines === 0) void setTimeout(delay).then(kill);
    });
  const { stdout, code, stderr } = await ended;
  if (!killed) undisturbed++;
  if (!killed && code !== 0) problems.push(`a run ended with ${code}: ${stderr}`);
  const names = [];
  for (const line of stdout.split('\n')) {
    const node = /^\{"type":"node-finished".*"node":"([^"]*)"/.exec(line)?.[1];
    if (node !== undefined && line.endsWith('}')) names.push(node);
  }
  return { finished: names, killed };
}

/** @param {readonly string[]} args */
function start(args) {
  const child = spawn(process.execPath, [join(root, 'repro'), ...args], {
    cwd: root,
    env: { ...process.env, TOLD: told, TMPDIR: root },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => (stdout += String(chunk)));
  child.stderr.on('data', (chunk) => (stderr += String(chunk)));
  /** @type {Promise<{ code: number | null, stdout: string, stderr: string, finished?: string[], killed?: boolean }>} */
  const ended = new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })));
  return { child, ended };
}

/** @param {...string} args */
async function once(...args) {
  const result = await start(args).ended;
  if (result.code !== 0)
    problems.push(`${args.join(' ')} ended with ${result.code}: ${result.stderr}${result.stdout.slice(-300)}`);
  return result;
}

/** @param {string} reports */
function lock(reports) {
  try {
    return readFileSync(join(root, reports, 'quick', 'lock.json'), 'utf8');
  } catch {
    return undefined;
  }
}

function toldNodes() {
  return readFileSync(told, 'utf8').split('\n').filter(Boolean);
}

function leftProcesses() {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(`${mark}\0`);
      } catch {
        return false;
      }
    })
    .map((pid) => `${pid} ${spawnSync('ps', ['-o', 'args=', '-p', pid], { encoding: 'utf8' }).stdout.trim()}`);
}

function writeProject() {
  const engine = join(repository, 'packages/repro/src');
  const tell = `import { appendFileSync } from 'node:fs';
    const tell = (node: string) => appendFileSync(process.env['TOLD']!, node + '\\n');`;
  /** @type {Record<string, string>} */
  const files = {
    'package.json': '{"type":"module"}',
    repro: `import { launch } from '${engine}/launch.mjs';\nawait launch(import.meta.url);\n`,
    'params/quick.json': '{}',
    'pipeline.ts': `
      import { Type } from '@sinclair/typebox';
      import { definePipeline, defineStage, json, many } from '${engine}/index.ts';
      const Value = json('value', Type.Number());
      const part = defineStage({ name: 'part', settings: ['TOLD'], summary: 'a number', params: Type.Object({ i: Type.Integer() }), labels: ['i'], inputs: {}, outputs: { value: Value } });
      const sum = defineStage({ name: 'sum', settings: ['TOLD'], summary: 'a sum', params: Type.Object({ i: Type.Integer() }), labels: ['i'], inputs: { values: many(Value) }, outputs: { value: Value } });
      export default definePipeline({
        name: 'crash',
        params: Type.Object({}),
        build: () => {
          const all = Array.from({ length: ${parts} }, (_, i) => part({ i }, {}).value);
          const sums = Array.from({ length: 10 }, (_, i) => sum({ i }, { values: all.filter((_, j) => j % 10 === i) }).value);
          return { files: { 'total.json': sum({ i: 10 }, { values: sums }).value } };
        },
      });`,
    'stages/part/run.ts': `${tell}
      import { writeJson } from '${engine}/runtime.ts';
      export const run = async ({ node, params, outputs }: any) => {
        tell(node);
        for (const until = performance.now() + 15; performance.now() < until; );
        writeJson(outputs.value, params.i * params.i);
      };`,
    'stages/sum/run.ts': `${tell}
      import { readJson, writeJson } from '${engine}/runtime.ts';
      export const run = async ({ node, inputs, outputs }: any) => {
        tell(node);
        writeJson(outputs.value, inputs.values.reduce((sum: number, one: any) => sum + readJson<any>(one), 0));
      };`,
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  symlinkSync(join(repository, 'node_modules'), join(root, 'node_modules'), 'junction');
  appendFileSync(told, '');
}
