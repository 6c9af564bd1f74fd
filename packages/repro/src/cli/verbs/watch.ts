import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, readdirSync, watch } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import type { Invocation } from '../invocation.ts';
import { defaultJobs, jobCount, withCommonOptions, withExample } from '../options.ts';
import type { CommonOptions } from '../options.ts';
import { print } from '../print.ts';
import { changeText, parseClaims } from '../watched-claims.ts';
import type { WatchedClaim } from '../watched-claims.ts';

interface Options extends CommonOptions {
  readonly jobs: number;
}

export function watchVerb(program: Command, invocation: Invocation): void {
  const command = program
    .command('watch')
    .description('run again whenever a file of the project is saved, and show what becomes of the claims')
    .argument('[nodes...]', 'nodes by name or pattern (default: all)');
  withCommonOptions(command, invocation)
    .option('--jobs <n>', 'jobs at once, each in a process of its own', jobCount, defaultJobs)
    .action((patterns: string[], options: Options) => watchProject(invocation, patterns, options));
  withExample(command, invocation, 'repro watch');
}

/** An editor writes a file in several steps. */
const settleMilliseconds = 150;

async function watchProject({ root }: Invocation, patterns: readonly string[], options: Options): Promise<void> {
  // Each time a process of its own: the pipeline itself may be what was saved.
  const common = [
    ...['--params', options.params, ...options.set.flatMap((override) => ['--set', override])],
    ...['--store', options.store, '--reports', options.reports, '--backend', options.backend],
    ...(options.acceptBackend === undefined ? [] : ['--accept-backend', options.acceptBackend]),
  ];
  const changes = new Changes(root, [options.store, options.reports]);
  let child: ChildProcess | undefined;
  let stopped = false;
  const stop = (signal: NodeJS.Signals): void => {
    stopped = true;
    // It saves what it has. A terminal sends Ctrl-C to it by itself, and twice would mean at once.
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child?.kill('SIGTERM');
    changes.stop();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, stop);
  const start = (args: readonly string[], quiet: boolean): ChildProcess => {
    const [node, script] = [process.execPath, process.argv[1]!];
    return (child = spawn(node, [script, ...args], {
      cwd: root,
      stdio: ['ignore', ...(quiet ? (['pipe', 'ignore'] as const) : (['inherit', 'inherit'] as const))],
    }));
  };

  let before: readonly WatchedClaim[] | undefined;
  while (!stopped) {
    await ended(start(['run', ...patterns, ...common, '--jobs', String(options.jobs)], false));
    if (stopped) break;
    const claims = parseClaims(await textOf(start(['verify', '--json', ...common], true)));
    if (claims) print(changeText(claims, before));
    before = claims ?? before;
    print(`${new Date().toTimeString().slice(0, 8)} waiting for a file to be saved; Ctrl-C ends\n`);
    const saved = await changes.next();
    if (!stopped) print(`saved ${saved.join(', ')}\n`);
  }
  process.exitCode = 0;
}

/** Files that were saved in the folders of a project, less what runs write. */
class Changes {
  readonly #root: string;
  readonly #ignored: ReadonlySet<string>;
  readonly #watched = new Map<string, { close: () => void }>();
  readonly #saved = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #tell: (() => void) | undefined;
  #stopped = false;

  constructor(root: string, ignored: readonly string[]) {
    this.#root = root;
    this.#ignored = new Set(ignored.map((path) => resolve(path)));
    this.#watch(root);
  }

  /** Resolves with what was saved since the last call, as soon as there is something, or it is stopped. */
  async next(): Promise<readonly string[]> {
    if (this.#saved.size === 0 && !this.#stopped) await new Promise<void>((resolve) => (this.#tell = resolve));
    this.#tell = undefined;
    const saved = [...this.#saved].sort();
    this.#saved.clear();
    // Programs write to a file of another name, which they then rename: it is gone.
    const present = saved.filter((path) => existsSync(join(this.#root, path)));
    return present.length > 0 ? present : saved;
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    for (const { close } of this.#watched.values()) close();
    this.#tell?.();
  }

  #watch(folder: string): void {
    if (this.#watched.has(folder) || this.#ignored.has(folder)) return;
    let watcher: ReturnType<typeof watch>;
    try {
      watcher = watch(folder, (_, name) => this.#note(folder, name));
    } catch {
      // It is gone already.
      return;
    }
    watcher.on('error', () => undefined);
    this.#watched.set(folder, { close: () => watcher.close() });
    for (const entry of readdirSync(folder, { withFileTypes: true }))
      if (entry.isDirectory() && !isHidden(entry.name)) this.#watch(join(folder, entry.name));
  }

  #note(folder: string, name: string | null): void {
    const path = join(folder, name ?? '');
    // What editors keep beside a file, and what runs write.
    if (name === null || isHidden(name) || /~$|\.sw\w$/.test(name) || this.#ignored.has(path)) return;
    try {
      if (existsSync(path)) readdirSync(path);
      this.#watch(path);
    } catch {
      // A file.
    }
    this.#saved.add(relative(this.#root, path));
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#tell?.(), settleMilliseconds);
  }
}

function isHidden(name: string): boolean {
  return name.startsWith('.') || name === 'node_modules' || name === '__pycache__';
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.on('error', () => resolve());
    child.on('close', () => resolve());
  });
}

async function textOf(child: ChildProcess): Promise<string> {
  let text = '';
  child.stdout!.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
  await ended(child);
  return text;
}
