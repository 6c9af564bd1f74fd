/** Makes environments: in a process of its own, since installers print, take long, and start others. */
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { NotRun } from '../graph/context.ts';
import { canonicalJson } from '../graph/canonical-json.ts';
import type { Described } from './environment.ts';
import { findProgram } from './programs.ts';
import { findPython } from './python.ts';
import { findR } from './r.ts';

/** The name of an environment's folder: the digest of what it is, which is that of its description in the store. */
function environmentName(described: Described): string {
  return createHash('sha256')
    .update(`${canonicalJson(described)}\n`)
    .digest('hex');
}

/**
 * The folder of an environment below `directory`, made if it is not there; undefined for one that has none. Several
 * processes may make one at once: the first to finish keeps its folder. `root`: any folder, where answers of programs
 * are kept. Throws an Error of one line and prints what the installer said; NotRun without network.
 */
export async function makeEnvironment(
  directory: string,
  described: Described,
  root: string,
): Promise<string | undefined> {
  if (described.kind === 'container' || described.kind === 'tools') return undefined;
  const made = join(directory, environmentName(described));
  if (existsSync(made)) return made;
  const temporary = `${made}.${process.pid}-${randomBytes(4).toString('hex')}`;
  mkdirSync(temporary, { recursive: true });
  try {
    if (described.kind === 'python') await makePython(temporary, described, root);
    else await makeR(temporary, described, root);
    rewritePaths(join(temporary, 'bin'), temporary, made);
    try {
      renameSync(temporary, made);
    } catch (error) {
      if (!existsSync(made)) throw error;
    }
    return made;
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

async function makePython(
  directory: string,
  { version, platform, requirements }: Extract<Described, { kind: 'python' }>,
  root: string,
): Promise<void> {
  const facts = await findPython(root, version.split(' ').at(-1));
  if ('missing' in facts) throw new Error(facts.missing);
  if (facts.platform !== platform)
    throw new Error(`the environment is for ${platform}: this machine is ${facts.platform}: run on such a machine`);
  const list = join(directory, 'requirements.txt');
  writeFileSync(list, requirements.map((line) => `${line}\n`).join(''));
  const uv = findProgram('uv');
  const interpreter = join(directory, 'bin', 'python');
  if (uv !== undefined) {
    await install([
      uv,
      'venv',
      '--quiet',
      '--python',
      facts.executable,
      '--no-python-downloads',
      '--allow-existing',
      directory,
    ]);
    if (requirements.length > 0)
      await install([
        uv,
        'pip',
        'install',
        '--quiet',
        // A job writes no bytecode: each would compile scipy again, which takes longer than many scripts. pip does it unasked.
        '--compile-bytecode',
        '--python',
        interpreter,
        '--require-hashes',
        '--no-deps',
        '-r',
        list,
      ]);
    return;
  }
  await install([facts.executable, '-m', 'venv', ...(requirements.length > 0 ? [] : ['--without-pip']), directory]);
  if (requirements.length > 0)
    await install([
      interpreter,
      ...[
        '-m',
        'pip',
        'install',
        '--quiet',
        '--no-input',
        '--disable-pip-version-check',
        '--require-hashes',
        '--no-deps',
        '-r',
        list,
      ],
    ]);
}

/** Installs packages from sources, from the newest place of a repository or from its archive. */
const installR = `
arguments <- commandArgs(trailingOnly = TRUE)
library <- arguments[1]
for (i in seq(2, length(arguments) - 2, by = 3)) {
  name <- arguments[i]; version <- arguments[i + 1]; repository <- arguments[i + 2]
  file <- paste0(name, "_", version, ".tar.gz")
  places <- c(paste(repository, "src/contrib", file, sep = "/"), paste(repository, "src/contrib/Archive", name, file, sep = "/"))
  target <- file.path(tempdir(), file)
  ok <- FALSE
  for (place in places) if (!ok) ok <- tryCatch(download.file(place, target, quiet = TRUE, mode = "wb") == 0, error = function(e) FALSE, warning = function(w) FALSE)
  if (!ok) stop(paste(name, version, "cannot be had from", repository))
  .libPaths(c(library, .libPaths()))
  install.packages(target, lib = library, repos = NULL, type = "source", quiet = TRUE)
  if (!dir.exists(file.path(library, name))) stop(paste(name, version, "could not be installed"))
}
`;

async function makeR(
  directory: string,
  { version, platform, packages }: Extract<Described, { kind: 'r' }>,
  root: string,
): Promise<void> {
  const facts = await findR(root, version);
  if ('missing' in facts) throw new Error(facts.missing);
  if (facts.platform !== platform)
    throw new Error(`the environment is for ${platform}: this machine is ${facts.platform}`);
  const library = join(directory, 'library');
  mkdirSync(library);
  if (packages.length === 0) return;
  const script = join(directory, 'install.R');
  writeFileSync(script, installR);
  const list = packages.flatMap(({ name, version: wanted, repository }) => [name, wanted, repository]);
  await install(['Rscript', '--vanilla', script, library, ...list]);
}

/** What installers say where there is no network. */
const offline =
  /NewConnectionError|Failed to establish a new connection|name resolution|dns error|Could not resolve host|Network is unreachable/i;

/** Runs an installer. What it prints is printed if it fails. */
export function install([program, ...args]: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program!, args, { maxBuffer: 2 ** 26, encoding: 'utf8' }, (error, stdout, stderr) => {
      if (!error) return resolve(stdout);
      process.stderr.write(`${stdout}${stderr}`);
      const said = `${stdout}${stderr}`;
      if (offline.test(said)) return reject(new NotRun('no network: packages cannot be fetched'));
      const last =
        said
          .trim()
          .split('\n')
          .filter((line) => /\S/.test(line))
          .at(-1) ?? `ended with code ${String(error.code)}`;
      reject(new Error(`${basename(program!)} ${args.slice(0, 3).join(' ')} failed: ${last.trim().slice(0, 200)}`));
    });
  });
}

/** Scripts of a virtual environment name its interpreter by where it was made. */
function rewritePaths(bin: string, from: string, to: string): void {
  if (!existsSync(bin)) return;
  for (const name of readdirSync(bin)) {
    const path = join(bin, name);
    if (!statSync(path).isFile() || statSync(path).size > 2 ** 16) continue;
    const text = readFileSync(path, 'latin1');
    if (text.includes(from)) writeFileSync(path, text.replaceAll(from, to), 'latin1');
  }
}
