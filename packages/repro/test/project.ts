import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cacheDirectory } from '../src/code/bundler.mjs';
import { callInProcess, testVariables } from './in-process.ts';
import type { CommandResult } from './in-process.ts';

export interface StartedCommand {
  readonly child: ChildProcess;
  readonly finished: Promise<CommandResult>;
}

/** A small project in a temporary directory, driven as a user drives it: by its command line. */
export interface Project {
  readonly root: string;
  /** Runs `repro ...args` to its end: in this process if no other call is under way here, else in one of its own. */
  run(...args: string[]): Promise<CommandResult>;
  /** Starts it and lets it run: for tests that interrupt or kill. If detached, it leads a process group of its own. */
  start(
    args: readonly string[],
    environment?: Readonly<Record<string, string>>,
    options?: { readonly detached: boolean },
  ): StartedCommand;
  write(path: string, text: string): void;
  read(path: string): string;
  path(...parts: string[]): string;
  close(): void;
}

const repository = process.env['REPRO_TEST_ROOT']!;
/** Only what hangs takes so long, however slow the machine is. */
const limitMilliseconds = 300_000;

/**
 * Writes the files (path -> text), in which `$engine/` stands for the engine's absolute path, beside a `repro` and a
 * `node_modules` that is the repository's own. `params/quick.json` is `{}` unless given.
 */
export function makeProject(files: Readonly<Record<string, string>>): Project {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'repro-test-')));
  const engine = join(repository, 'packages/repro/src').replaceAll('\\', '/');
  const path = (...parts: string[]): string => join(root, ...parts);
  const write = (name: string, text: string): void => {
    mkdirSync(dirname(path(name)), { recursive: true });
    writeFileSync(path(name), text.replaceAll('$engine/', `${engine}/`));
  };
  symlinkSync(join(repository, 'node_modules'), path('node_modules'), 'junction');
  write('package.json', '{"type":"module"}');
  write('repro', "import { launch } from '$engine/launch.mjs';\nawait launch(import.meta.url);\n");
  write('params/quick.json', '{}');
  for (const [name, text] of Object.entries(files)) write(name, text);

  const children = new Set<ChildProcess>();
  const start: Project['start'] = (args, environment = {}, { detached } = { detached: false }) => {
    const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !testVariables.includes(name)));
    const child = spawn(process.execPath, [path('repro'), ...args], {
      cwd: root,
      env: { ...inherited, ...environment },
      detached,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.add(child);
    const finished = new Promise<CommandResult>((resolve, reject) => {
      let stdout = '';
      let stderr = '';
      child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString('utf8')));
      child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString('utf8')));
      const limit = setTimeout(() => {
        child.kill('SIGKILL');
        reject(new Error(`repro ${args.join(' ')} took longer than ${limitMilliseconds / 1000} s\n${stdout}${stderr}`));
      }, limitMilliseconds);
      child.on('error', reject);
      child.on('close', (code) => {
        clearTimeout(limit);
        children.delete(child);
        resolve({ code, stdout, stderr });
      });
    });
    return { child, finished };
  };

  return {
    root,
    path,
    write,
    start,
    run: async (...args) => {
      // Of so few nodes that a process for each core costs more than it saves.
      const all = args[0] === 'run' && !args.includes('--jobs') ? [...args, '--jobs', '1'] : args;
      return (await callInProcess(root, all)) ?? start(all).finished;
    },
    read: (name) => readFileSync(path(name), 'utf8'),
    close: () => {
      for (const child of children) child.kill('SIGKILL');
      rmSync(cacheDirectory(root), { recursive: true, force: true });
      rmSync(root, { recursive: true, force: true });
    },
  };
}
