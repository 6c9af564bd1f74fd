// @ts-check
/**
 * `node bench/gpu/pack.mjs [FILE]`: one archive (default bench-gpu.tar.gz) with all that the benchmark needs on a Linux
 * machine of this processor's kind that has an NVIDIA driver and neither Node nor a network. Prints its size.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { commonOptions } from '../../engine/code/bundler.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const archive = resolve(process.argv[2] ?? 'bench-gpu.tar.gz');
const mostBytes = 64 * 2 ** 20;
const staging = mkdtempSync(join(tmpdir(), 'bench-gpu-'));
const directory = join(staging, 'bench-gpu');
const at = (/** @type {string[]} */ ...parts) => join(directory, ...parts);

/** @param {string} command @param {string[]} options */
function run(command, options) {
  const { status, error, stderr } = spawnSync(command, options, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${options.join(' ')}: ${error?.message ?? stderr}`);
}

try {
  const dawn = join('node_modules', 'webgpu');
  const platform = `${process.platform}-${process.arch}`;
  mkdirSync(at(dawn, 'dist', platform), { recursive: true });
  for (const file of ['package.json', 'index.js', join('dist', platform, 'dawn.node')]) copyFileSync(join(root, dawn, file), at(dawn, file));
  await build({ ...commonOptions(root), entryPoints: [join(root, 'bench/gpu/train.ts')], outfile: at('train.mjs'), minify: true });
  copyFileSync(join(root, 'bench/gpu/dense_toy_model_gpu.py'), at('dense_toy_model_gpu.py'));
  copyFileSync(join(root, 'bench/gpu/run.sh'), at('run.sh'));
  chmodSync(at('run.sh'), 0o755);
  copyFileSync(process.execPath, at('node'));
  run('strip', [at('node')]);
  // a machine with a driver only may lack the loader of Vulkan: Chromium's, or the system's, needs no other library
  const loader = ['/usr/lib/chromium/libvulkan.so.1', `/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu/libvulkan.so.1`].find(existsSync);
  if (loader) copyFileSync(loader, at('libvulkan.so.1'));
  for (const library of ['libGLX_nvidia', 'libEGL_nvidia']) {
    writeFileSync(at(`${library}.json`), JSON.stringify({ file_format_version: '1.0.0', ICD: { library_path: `${library}.so.0`, api_version: '1.3.0' } }) + '\n');
  }
  mkdirSync(dirname(archive), { recursive: true });
  run('tar', ['-C', staging, '-I', 'gzip -9', '-cf', archive, 'bench-gpu']);
  const { size } = statSync(archive);
  console.log(`${archive}: ${(size / 2 ** 20).toFixed(1)} MiB${loader ? '' : '; without a loader of Vulkan, which this machine has not'}`);
  if (size >= mostBytes) throw new Error(`expected less than ${mostBytes / 2 ** 20} MiB`);
} finally {
  rmSync(staging, { recursive: true, force: true });
}
