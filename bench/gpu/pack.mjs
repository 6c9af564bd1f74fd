// @ts-check
/**
 * `node bench/gpu/pack.mjs [FILE]`: one archive (default bench-gpu.tar.xz) with all that the benchmark and the project, but for
 * its language models, need on a Linux machine of this processor's kind that has an NVIDIA driver and neither Node nor a
 * network. Prints its size.
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { commonOptions } from '../../packages/repro/src/code/bundler.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const archive = resolve(process.argv[2] ?? 'bench-gpu.tar.xz');
/** What a machine takes in one go. */
const mostBytes = 51 * 2 ** 20;
const staging = mkdtempSync(join(tmpdir(), 'bench-gpu-'));
const directory = join(staging, 'bench-gpu');
const at = (/** @type {string[]} */ ...parts) => join(directory, ...parts);
const platform = `${process.platform}-${process.arch}`;

/** @param {string} command @param {string[]} options */
function run(command, options) {
  const { status, error, stdout, stderr } = spawnSync(command, options, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  if (status !== 0) throw new Error(`${command} ${options.join(' ')}: ${error?.message ?? stderr}`);
  return stdout;
}

/** @param {string} from @param {string} to */
function copy(from, to) {
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to, { recursive: true, verbatimSymlinks: true });
}

/** Node, Vulkan's loader, and descriptions of NVIDIA's driver. Returns whether there is a loader. */
function packPlatform() {
  copyFileSync(process.execPath, at('node'));
  run('strip', [at('node')]);
  // a machine with a driver only may lack the loader of Vulkan: Chromium's, or the system's, needs no other library
  const loader = [
    '/usr/lib/chromium/libvulkan.so.1',
    `/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu/libvulkan.so.1`,
  ].find(existsSync);
  if (loader) copyFileSync(loader, at('libvulkan.so.1'));
  for (const library of ['libGLX_nvidia', 'libEGL_nvidia']) {
    writeFileSync(
      at(`${library}.json`),
      JSON.stringify({ file_format_version: '1.0.0', ICD: { library_path: `${library}.so.0`, api_version: '1.3.0' } }) +
        '\n',
    );
  }
  return loader !== undefined;
}

async function packBenchmark() {
  await build({
    ...commonOptions(root),
    entryPoints: [join(root, 'bench/gpu/train.ts')],
    outfile: at('project', 'train.mjs'),
    minify: true,
  });
  for (const name of ['environment.sh', 'run.sh', 'repro.sh', 'look.sh', 'set.sh', 'patterns.sh']) {
    copyFileSync(join(root, 'bench/gpu', name), at(name));
    if (name !== 'environment.sh') chmodSync(at(name), 0o755);
  }
  for (const name of ['small-sweep.json', 'dense_toy_model_gpu.py'])
    copy(join(root, 'bench/gpu', name), at('project', 'bench/gpu', name));
}

/** Of what language models alone need. */
const leftOut = /^node_modules\/onnxruntime-/;
/** Of a package, the part that is used here. */
const parts = new Map([
  ['node_modules/webgpu', ['package.json', 'index.js', join('dist', platform, 'dawn.node')]],
  ['node_modules/binaryen', ['package.json', 'index.js']],
  ['node_modules/dejavu-fonts-ttf', ['package.json', 'ttf']],
]);

/** Of the repository, what does not run on the other machine. */
const notNeeded = [
  'reports',
  'results',
  'test',
  '.github',
  'docs',
  'packages/repro/test',
  'packages/repro/examples',
  'bench',
];

/** The files of the repository, but for what is not needed there, and the packages that they import at run time. */
function packProject() {
  const files = run('git', ['ls-files', '-z', '--', '.', ...notNeeded.map((path) => `:!${path}`)])
    .split('\0')
    .filter(Boolean);
  for (const file of files) copy(join(root, file), at('project', file));
  /** @type {{ packages: Record<string, { dev?: boolean }> }} */
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  for (const [path, { dev }] of Object.entries(packages)) {
    if (!path.startsWith('node_modules/') || !existsSync(join(root, path))) continue;
    // Of what does not run there, the version: stages name the packages of all their backends, and repro asks for these.
    const wanted = dev || leftOut.test(path) ? ['package.json'] : (parts.get(path) ?? ['.']);
    for (const part of wanted) copy(join(root, path, part), at('project', path, part));
  }
}

/** The command line imports it: it is there, and says that it is not when it is used. */
function packStandIn() {
  const inPackage = 'node_modules/onnxruntime-node/dist/index.js';
  mkdirSync(dirname(at('project', inPackage)), { recursive: true });
  const missing = "throw new Error('onnxruntime-node is not in this archive: language models do not run here');";
  writeFileSync(
    at('project', inPackage),
    `module.exports = { get InferenceSession() { ${missing} }, get Tensor() { ${missing} } };\n`,
  );
}

try {
  mkdirSync(directory, { recursive: true });
  const hasLoader = packPlatform();
  await packBenchmark();
  packProject();
  packStandIn();
  mkdirSync(dirname(archive), { recursive: true });
  run('tar', ['-C', staging, '-I', 'xz -6 -T0', '-cf', archive, 'bench-gpu']);
  const { size } = statSync(archive);
  console.log(
    `${archive}: ${(size / 2 ** 20).toFixed(1)} MiB${hasLoader ? '' : '; without a loader of Vulkan, which this machine has not'}`,
  );
  if (size >= mostBytes) throw new Error(`expected less than ${mostBytes / 2 ** 20} MiB`);
} finally {
  rmSync(staging, { recursive: true, force: true });
}
