// @ts-check
/**
 * Runs every example as a user would, from fresh folders with the packed package: `node packages/repro/examples/run.mjs`.
 * The templates of `repro init` are examples too. Each must come to its end, have nothing to do the second time, and have
 * an open gate. Arguments choose: `minimal`, `python`, `paper`, `chinchilla`; `r` where R is installed. `--keep` keeps the folders.
 */
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const packageRoot = join(here, '..');
const asked = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
/** Parameter sets other than the default. @type {Readonly<Record<string, string>>} */
const sets = { chinchilla: 'simulated' };
const hasR = spawnSync('Rscript', ['--version']).status === 0;
const names = ['minimal', 'paper', 'python', 'chinchilla', ...(hasR ? ['r'] : [])].filter(
  (name) => asked.length === 0 || asked.includes(name),
);

const place = mkdtempSync(join(tmpdir(), 'repro-examples-'));
const env = { ...process.env };
delete env['REPRO_STORE'];
if (!process.argv.includes('--keep')) process.on('exit', () => rmSync(place, { recursive: true, force: true }));

/** @param {readonly string[]} line @param {string} cwd @returns {Promise<string>} */
function run([program, ...args], cwd) {
  return new Promise((resolve, reject) => {
    const child = spawn(/** @type {string} */ (program), args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += String(chunk)));
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0 ? resolve(said) : reject(new Error(`${program} ${args.join(' ')} ended with code ${code}\n${said}`)),
    );
  });
}

/** @param {string} name */
async function example(name) {
  const started = performance.now();
  const root = join(place, name);
  if (existsSync(join(packageRoot, 'templates', name)))
    await run(['npx', 'repro', 'init', root, '--template', name], place);
  else {
    cpSync(join(here, name), root, { recursive: true });
    cpSync(join(place, 'package.json'), join(root, 'package.json'));
  }
  cpSync(join(place, 'package-lock.json'), join(root, 'package-lock.json'));
  symlinkSync(join(place, 'node_modules'), join(root, 'node_modules'));
  const set = sets[name] === undefined ? [] : ['--params', sets[name]];
  await run(['npx', 'repro', 'run', ...set, '--log', 'plain'], root);
  const again = await run(['npx', 'repro', 'run', ...set, '--log', 'plain'], root);
  if (!/done: 0 executed, \d+ cached, 0 failed, 0 not run/.test(again))
    throw new Error(`${name}: the second run had something to do\n${again}`);
  const verified = await run(['npx', 'repro', 'verify', ...set], root);
  const lines = readFileSync(join(root, 'pipeline.ts'), 'utf8').split('\n').length - 1;
  console.log(
    `${name}: ${lines} lines of TypeScript, ${((performance.now() - started) / 1000).toFixed(0)} s: ${verified.trim().split('\n').at(-1)}`,
  );
}

// Environments are made in seconds with uv; with pip they take longer.
if (names.includes('python') || names.includes('chinchilla')) {
  if (spawnSync('uv', ['--version']).status !== 0) {
    await run(['python3', '-m', 'venv', join(place, 'uv')], place);
    await run([join(place, 'uv', 'bin', 'pip'), 'install', '--quiet', '--disable-pip-version-check', 'uv'], place);
    env['PATH'] = `${env['PATH']}${delimiter}${join(place, 'uv', 'bin')}`;
  }
}
const [packed] = JSON.parse(
  await run(['npm', 'pack', '--json', '--silent', '--ignore-scripts', '--pack-destination', place], packageRoot),
);
writeFileSync(join(place, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
await run(
  ['npm', 'install', '--silent', '--prefer-offline', '--no-audit', '--no-fund', join(place, packed.filename)],
  place,
);
for (const name of names) await example(name);
