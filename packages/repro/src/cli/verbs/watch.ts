import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { Command } from 'commander';
import { Changes } from '../changes.ts';
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

async function watchProject({ root }: Invocation, patterns: readonly string[], options: Options): Promise<void> {
  // Each time a process of its own: the pipeline itself may be what was saved.
  const common = [
    ...['--params', options.params, ...options.set.flatMap((override) => ['--set', override])],
    ...['--store', options.store, '--reports', options.reports, '--backend', options.backend],
    ...(options.acceptBackend === undefined ? [] : ['--accept-backend', options.acceptBackend]),
  ];
  const changes = new Changes(root, [options.store, options.reports], (problem) => print(`${problem}\n`));
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
    // In the folder of the user, which paths among the options may be relative to.
    return (child = spawn(node, [script, ...args], {
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
