import { pathToFileURL } from 'node:url';
import type { CollectedFootprint } from '../src/cli/invocation.ts';
import { BundleError, commandLine } from '../src/code/command-line.mjs';

export interface CommandResult {
  /** Null if a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a user's shell does not have. */
export const testVariables = ['REPRO_STORE', 'NODE_OPTIONS', 'NODE_TEST_CONTEXT', 'GITHUB_ACTIONS'];

let busy = false;

/**
 * Runs the command line of a project in this process, which saves a process for each call of a test. Undefined, and
 * nothing was run, if another call is under way: then a process has to do it.
 */
export async function callInProcess(
  root: string,
  args: readonly string[],
  footprint?: CollectedFootprint,
): Promise<CommandResult | undefined> {
  if (busy) return undefined;
  busy = true;
  let bundle: string;
  try {
    bundle = await commandLine(root);
  } catch (error) {
    busy = false;
    if (!(error instanceof BundleError)) throw error;
    return { code: 2, stdout: '', stderr: `${error.message}\n` };
  }
  const { argv, exitCode } = process;
  const directory = process.cwd();
  const exitListeners = process.listeners('exit');
  const hidden = testVariables.map((name) => [name, process.env[name]] as const);
  const captured = { stdout: capture('stdout'), stderr: capture('stderr') };
  try {
    for (const name of testVariables) delete process.env[name];
    process.argv = [argv[0]!, 'repro', ...args];
    process.exitCode = undefined;
    process.chdir(root);
    try {
      const { main } = (await import(pathToFileURL(bundle).href)) as {
        main: (root: string, command: string, footprint?: CollectedFootprint) => Promise<void>;
      };
      await main(root, './repro', footprint);
    } catch (error) {
      // As Node ends a process.
      process.exitCode = 1;
      process.stderr.write(`${(error as Error).stack}\n`);
    }
    return { code: Number(process.exitCode ?? 0), stdout: captured.stdout.end(), stderr: captured.stderr.end() };
  } finally {
    captured.stdout.end();
    captured.stderr.end();
    for (const listener of process.listeners('exit'))
      if (!exitListeners.includes(listener)) process.off('exit', listener);
    process.chdir(directory);
    process.argv = argv;
    process.exitCode = exitCode;
    for (const [name, value] of hidden) if (value !== undefined) process.env[name] = value;
    busy = false;
  }
}

/** Keeps what is written to a stream, and the listeners that a command line adds to it, until `end`. */
function capture(name: 'stdout' | 'stderr'): { end: () => string } {
  const stream = process[name];
  const write = Reflect.get(stream, 'write') as (...all: unknown[]) => boolean;
  const listeners = stream.listeners('error');
  let text = '';
  stream.write = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
    // The test runner reports in bytes; the command line prints text.
    if (typeof chunk !== 'string') return write.call(stream, chunk, ...rest);
    text += chunk;
    const done = rest.find((each) => typeof each === 'function') as (() => void) | undefined;
    done?.();
    return true;
  };
  return {
    end: () => {
      stream.write = write;
      for (const listener of stream.listeners('error'))
        if (!listeners.includes(listener)) stream.off('error', listener as () => void);
      return text;
    },
  };
}
