// @ts-check
/**
 * Commands in real containers: `node bench/containers/run.mjs [podman] [docker]`, both unless named. Linux, with
 * busybox-static and podman (Debian), or a Docker daemon and docker-registry. An image is made of busybox, with an entry
 * point and a user of its own, and a project in a folder with an odd name runs in it: its result is that without a
 * container; limits of time and memory are told; an image that is not there is told; and a run that is interrupted or
 * killed leaves no container.
 */
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'containers-'));
const registryPort = 5095;
/** @type {import('node:child_process').ChildProcess | undefined} */
let registry;
process.once('exit', () => {
  registry?.kill();
  rmSync(scratch, { recursive: true, force: true });
});

const rootfs = join(scratch, 'rootfs');
for (const folder of ['bin', 'tmp', 'etc']) mkdirSync(join(rootfs, folder), { recursive: true });
cpSync('/bin/busybox', join(rootfs, 'bin/busybox'), { dereference: true });
for (const name of ['sh', 'cat', 'echo', 'sleep', 'head', 'tr']) symlinkSync('busybox', join(rootfs, 'bin', name));
must('tar', '-C', rootfs, '-cf', join(scratch, 'root.tar'), '.');

let failed = 0;
const asked = process.argv.slice(2);
for (const runtime of asked.length > 0 ? asked : ['podman', 'docker']) {
  console.log(must(runtime, '--version').trim());
  await tryOut(runtime, imageOf(runtime));
}
registry?.kill();
console.log(failed === 0 ? 'all as it should be' : `${failed} not as it should be`);
process.exitCode = failed === 0 ? 0 : 1;

/** Its name with its digest. @param {string} runtime @returns {string} */
function imageOf(runtime) {
  const changes = ['--change', 'ENTRYPOINT ["/bin/echo"]', '--change', 'USER 1000', join(scratch, 'root.tar')];
  if (runtime === 'podman') {
    must('podman', 'import', ...changes, 'localhost/repro-bench:1');
    return `localhost/repro-bench@${must('podman', 'image', 'inspect', '--format', '{{.Digest}}', 'localhost/repro-bench:1').trim()}`;
  }
  // Docker knows digests of images from registries only.
  writeFileSync(
    join(scratch, 'registry.yml'),
    `version: 0.1\nstorage: {filesystem: {rootdirectory: ${scratch}/registry}}\nhttp: {addr: 127.0.0.1:${registryPort}}\n`,
  );
  registry = spawn('docker-registry', ['serve', join(scratch, 'registry.yml')], { stdio: 'ignore' });
  spawnSync('sleep', ['2']);
  const name = `localhost:${registryPort}/repro-bench`;
  must('docker', 'import', ...changes, `${name}:1`);
  const digest = /sha256:[0-9a-f]{64}/.exec(must('docker', 'push', `${name}:1`).split('\n').at(-2) ?? '');
  return `${name}@${digest?.[0]}`;
}

/** @param {string} runtime @param {string} image */
async function tryOut(runtime, image) {
  const root = join(scratch, `${runtime} a:b, c #1%`);
  // No other runtime, which would be taken in its place.
  const bin = join(scratch, `${runtime}-bin`);
  for (const folder of [bin, join(root, 'node_modules'), join(root, 'data')]) mkdirSync(folder, { recursive: true });
  for (const name of [runtime, 'node', 'git', 'sh', 'grep', 'sleep'])
    symlinkSync(must('sh', '-c', `command -v ${name}`).trim(), join(bin, name));
  const PATH = runtime === 'podman' ? [bin, process.env['PATH']].join(delimiter) : bin;
  symlinkSync(join(repository, 'packages/repro'), join(root, 'node_modules/repro'));
  writeFileSync(join(root, 'package.json'), '{"type":"module"}');
  writeFileSync(join(root, 'data/numbers.txt'), '1\n2\n3\n');
  writeFileSync(
    join(root, 'sum.sh'),
    `s=0; for n in $(cat "$1"); do s=$((s + n)); done
case "$3" in
  slow) sleep 300 ;;
  large) x=$(head -c 200000000 /dev/zero | tr '\\0' x) ;;
esac
echo "{\\"sum\\": $s}" > "$2"
`,
  );
  const name = JSON.stringify(image);
  writeFileSync(
    join(root, 'pipeline.ts'),
    `
import { command, container, definePipeline, file, json, source, Type } from 'repro';
const Sum = json('sum', Type.Object({ sum: Type.Number() }));
export default definePipeline({ name: 'boxes', params: { how: 'fast', outside: false, seconds: 600, image: ${name} }, build: ({ how, outside, seconds, image }) => {
  const { sum } = command({
    name: 'sum', ...(!outside && { environment: container({ image }) }), timeLimit: seconds, memoryLimit: 80e6,
    params: { how }, files: ['sum.sh'], inputs: { numbers: source('data/numbers.txt', file('numbers', '.txt')) }, outputs: { sum: Sum },
    run: ({ inputs, outputs, params }) => ['sh', 'sum.sh', inputs.numbers, outputs.sum, params.how],
  });
  return { files: { 'sum.json': sum } };
} });`,
  );
  const program = join(repository, 'packages/repro/bin/repro.mjs');
  /** @param {readonly string[]} settings @returns {{ code: number | null, text: string }} */
  const run = (...settings) => {
    const args = settings.flatMap((setting) => ['--set', setting]);
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, 'run', '--log', 'plain', ...args], {
      cwd: root,
      env: { ...process.env, PATH },
      encoding: 'utf8',
    });
    return { code: status, text: stdout + stderr };
  };
  const containers = () => must(runtime, 'ps', '-aq').trim();

  const first = run();
  say('a result', first.code === 0, first.text);
  const inside = readFileSync(join(root, 'reports/default/sum.json'), 'utf8');
  const outside = run('outside=true');
  say('is that without a container', outside.code === 0 && inside === '{"sum": 6}\n', inside + outside.text);
  const missing = run(`image="${image.replace(/.{8}$/, '00000000')}"`);
  say('an image that is not there', missing.text.includes(`: ${runtime} could not start the container`), missing.text);
  const slow = run('how="slow"', 'seconds=3');
  say('a limit of time', /sh took longer than 3 s, the limit of the stage/.test(slow.text), slow.text);
  const large = run('how="large"');
  say(
    'a limit of memory',
    /sh was killed in its container: 76 MiB of memory is the limit/.test(large.text),
    large.text,
  );
  say('leave no container', containers() === '', containers());
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGKILL'])) {
    const child = spawn(process.execPath, [program, 'run', '--set', 'how="slow"'], {
      cwd: root,
      env: { ...process.env, PATH },
      stdio: 'ignore',
    });
    const exited = new Promise((resolve) => child.once('exit', resolve));
    for (let tries = 0; containers() === '' && tries < 40; tries++) await sleep(250);
    say('a container', containers() !== '', '');
    child.kill(signal);
    await exited;
    for (let tries = 0; containers() !== '' && tries < 20; tries++) await sleep(250);
    say(`is gone after ${signal}`, containers() === '', containers());
  }
}

/** @param {string} what @param {boolean} isSo @param {string} text */
function say(what, isSo, text) {
  console.log(`${isSo ? 'good' : 'BAD '} ${what}${isSo ? '' : `\n${text}`}`);
  if (!isSo) failed++;
}

/** @param {string} program @param {readonly string[]} args @returns {string} what it printed */
function must(program, ...args) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? stderr}`);
  return stdout;
}
