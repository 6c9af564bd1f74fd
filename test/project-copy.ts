import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { mkdirSync, readFileSync } from 'node:fs';
import { callInProcess, testVariables } from '../packages/repro/test/in-process.ts';
import type { CommandResult } from '../packages/repro/test/in-process.ts';

const repository = process.env['REPRO_TEST_ROOT']!;

/** This project, copied so that a test may change its files; repro and the packages are shared. */
export interface ProjectCopy {
  readonly root: string;
  /** Runs `./repro ...args`, in this process if no other call is under way here; `run` with one worker unless it says. */
  repro(...args: string[]): Promise<CommandResult>;
  write(path: string, text: string): void;
  read(path: string): string;
  /** Replaces one occurrence of a text that must be there. */
  edit(path: string, from: string, to: string): void;
  close(): void;
}

let shared: ProjectCopy | undefined;

/**
 * A copy that the test files of a process share, so that its code is bundled once. Each file names a store and reports of
 * its own where those of others would matter, and leaves the files of the project as they were.
 */
export function sharedProject(): ProjectCopy {
  if (!shared) {
    const copy = copyProject();
    process.once('exit', () => copy.close());
    shared = { ...copy, close: () => undefined };
  }
  return shared;
}

export function copyProject(): ProjectCopy {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'superposition-')));
  for (const name of [
    'numerics',
    'stages',
    'params',
    'pipeline',
    'pipeline.ts',
    'repro',
    'package.json',
    'package-lock.json',
  ]) {
    cpSync(join(repository, name), join(root, name), { recursive: true });
  }
  for (const name of ['node_modules', 'packages']) symlinkSync(join(repository, name), join(root, name), 'junction');
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const read = (path: string): string => readFileSync(join(root, path), 'utf8');
  return {
    root,
    async repro(...given) {
      // A process more for each core costs more than it saves where a node takes a fraction of a second.
      const args = given[0] === 'run' && !given.includes('--jobs') ? [...given, '--jobs', '1'] : given;
      const result = await callInProcess(root, args);
      if (result) return result;
      const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !testVariables.includes(name)));
      const { status, stdout, stderr } = spawnSync(process.execPath, ['repro', ...args], {
        cwd: root,
        env,
        encoding: 'utf8',
        timeout: 120_000,
        maxBuffer: 1 << 26,
      });
      return { code: status, stdout, stderr };
    },
    write,
    read,
    edit(path, from, to) {
      const text = read(path);
      if (!text.includes(from)) throw new Error(`${path} has no "${from}"`);
      write(path, text.replace(from, to));
    },
    close: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** Sets variables of the environment until it is disposed of. */
export function variables(values: Readonly<Record<string, string>>): Disposable {
  const before = Object.keys(values).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, values);
  return {
    [Symbol.dispose]: () => {
      for (const [name, value] of before)
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
    },
  };
}

/** A parameter set small enough to run in a second or two. */
export const tinySet = {
  extends: 'ci',
  small: {
    n: 32,
    m: [3, 4, 6],
    alpha: [0, 1],
    gamma: [-1, 0.5],
    training: { batch: 32, steps: 60, warmup: 6 },
  },
  geometry: { evaluationBatches: 3, evaluationBatch: 64, random: { m: [4], vectors: 40 } },
  figures: ['6e'],
  decides: [],
};
