import { InputError, oneOf } from '../../errors.ts';
import { defaultVisibilitySeconds } from '../visible.ts';
import type { Execution } from '../../graph/stage.ts';
import { isObject } from '../../is-object.ts';

/** What is asked for a stage, in Slurm's words: `--partition`, `--time`, ... */
export interface StageRequest {
  readonly partition?: string;
  readonly account?: string;
  readonly qos?: string;
  readonly constraint?: string;
  /** As sbatch reads it: `30` (minutes), `2:00:00`, `1-12`. */
  readonly time?: string;
  /** Of a stage that declares no memory, or in place of what a stage declares that is named: `4G`, `500M`. */
  readonly memory?: string;
  /** Number of accelerators of a stage that uses one, or is named; default 1. */
  readonly gpus?: string;
  /** Their kind in `--gres`; default `gpu`. Example: `gpu:a100`. */
  readonly gres?: string;
  readonly reservation?: string;
}

export interface SlurmOptions {
  readonly all: StageRequest;
  readonly stages: Readonly<Record<string, StageRequest>>;
  /** Tasks in one array, at most. */
  readonly arraySize: number;
  /** Seconds between two looks at the queue; more while nothing changes. */
  readonly poll: number;
  /** Tasks in the queue at once, at most. */
  readonly queue: number;
  /** Small nodes are packed until a task takes about this many seconds. */
  readonly pack: number;
  /** A job that ran out of memory asks once more for twice as much, up to this many megabytes. */
  readonly maxMemory?: number | undefined;
  /** Seconds before the time limit at which a job is asked to save what it has. */
  readonly warning: number;
  /** A folder on the disk of the machine that runs a job; may name variables, such as $TMPDIR. */
  readonly scratch?: string | undefined;
  /** Seconds to wait for a file that another machine has written. */
  readonly visibility: number;
  /** Shell commands before a job starts: `module load nodejs/20`. */
  readonly setup?: string | undefined;
  /** Path of node on the machines; default: where it is here. */
  readonly node?: string | undefined;
}

const stageNames = [
  'partition',
  'account',
  'qos',
  'constraint',
  'time',
  'memory',
  'gpus',
  'gres',
  'reservation',
] as const;
const runNames = [
  'queue',
  'pack',
  'maxMemory',
  'warning',
  'scratch',
  'visibility',
  'setup',
  'node',
  'arraySize',
  'poll',
] as const;

/**
 * Options from `slurm` of the `repro` member of package.json and from flags, which win. `settings`: texts such as
 * `partition=gpu` or, for one stage, `train.time=2:00:00`. Throws an InputError that names what is wrong.
 */
export function slurmOptions(
  configured: unknown,
  settings: readonly string[],
  stages: ReadonlySet<string>,
  flags: { readonly arraySize?: number | undefined; readonly poll?: number | undefined } = {},
): SlurmOptions {
  const all: Record<string, string> = {};
  const byStage: Record<string, Record<string, string>> = {};
  const run: Record<string, string> = {};
  const set = (where: string, stage: string | undefined, name: string, value: unknown): void => {
    if (typeof value !== 'string' && typeof value !== 'number')
      throw new InputError(`${where}: ${JSON.stringify(value)}: expected text or a number`);
    const text = String(value);
    if (text === '' || text.includes('\n') || text.includes('\0'))
      throw new InputError(`${where}: expected a value of one line`);
    if ((stageNames as readonly string[]).includes(name)) {
      if (stage !== undefined && !stages.has(stage))
        throw new InputError(`${where}: no stage ${stage}: ${oneOf(stages)}`);
      (stage === undefined ? all : (byStage[stage] ??= {}))[name] = text;
    } else if (stage === undefined && (runNames as readonly string[]).includes(name)) run[name] = text;
    else
      throw new InputError(
        `${where}: no setting ${name}: ${oneOf([...stageNames, ...(stage === undefined ? runNames : [])])}`,
      );
  };
  if (configured !== undefined) {
    const where = 'package.json: repro.slurm';
    if (!isObject(configured)) throw new InputError(`${where}: expected an object`);
    for (const [name, value] of Object.entries(configured)) {
      if (name !== 'stages') {
        set(`${where}.${name}`, undefined, name, value);
        continue;
      }
      if (!isObject(value)) throw new InputError(`${where}.stages: expected an object`);
      for (const [stage, members] of Object.entries(value)) {
        if (!isObject(members)) throw new InputError(`${where}.stages.${stage}: expected an object`);
        for (const [member, each] of Object.entries(members))
          set(`${where}.stages.${stage}.${member}`, stage, member, each);
      }
    }
  }
  for (const text of settings) {
    const [, stage, name, value] = /^(?:([\w-]+)\.)?(\w+)=(.*)$/s.exec(text) ?? [];
    if (name === undefined) throw new InputError(`--slurm ${text}: expected name=value or stage.name=value`);
    set(`--slurm ${text}`, stage, name, value);
  }
  const number = (name: (typeof runNames)[number], otherwise: number, least: number): number => {
    if (run[name] === undefined) return otherwise;
    const value = Number(run[name]);
    if (!Number.isFinite(value) || value < least)
      throw new InputError(`slurm ${name} = ${run[name]}: expected a number from ${least}`);
    return value;
  };
  for (const request of [all, ...Object.values(byStage)]) {
    if (request['memory'] !== undefined) megabytes(request['memory']);
    if (request['gpus'] !== undefined && !/^[1-9]\d*$/.test(request['gpus']))
      throw new InputError(`slurm gpus = ${request['gpus']}: expected a whole number from 1`);
    if (request['time'] !== undefined) seconds(request['time']);
  }
  return {
    all,
    stages: byStage,
    arraySize: flags.arraySize ?? number('arraySize', Infinity, 1),
    poll: flags.poll ?? number('poll', 15, 0.05),
    queue: number('queue', 2_000, 1),
    pack: number('pack', 120, 0),
    maxMemory: run['maxMemory'] === undefined ? undefined : megabytes(run['maxMemory']),
    warning: number('warning', 60, 0),
    scratch: run['scratch'],
    visibility: number('visibility', defaultVisibilitySeconds, 0),
    setup: run['setup'],
    node: run['node'],
  };
}

/** What a job of a unit asks for. */
export interface Request {
  /** Options of sbatch, without those of memory. */
  readonly words: readonly string[];
  /** Megabytes for each task; undefined: what the cluster gives. */
  readonly memory: number | undefined;
  /** Its time limit in seconds, where one is asked for. */
  readonly seconds: number | undefined;
}

/** What the jobs of a stage ask for, by what the stage declares and the options say. */
export function requestFor(options: SlurmOptions, stage: string, execution: Execution | undefined): Request {
  const named = options.stages[stage];
  const { partition, account, qos, constraint, reservation, time, memory, gpus, gres } = { ...options.all, ...named };
  const { cpu = 1, accelerator = 0, memoryBytes } = execution?.resources ?? {};
  const plain = { partition, account, qos, constraint, reservation, time };
  const words = Object.entries(plain).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}=${value}`]));
  words.push('--nodes=1', '--ntasks=1', `--cpus-per-task=${Math.max(1, Math.ceil(cpu))}`);
  if (accelerator > 0 || named?.gpus !== undefined || named?.gres !== undefined)
    words.push(`--gres=${gres ?? 'gpu'}:${gpus ?? 1}`);
  if (time !== undefined && options.warning > 0) words.push(`--signal=B:TERM@${Math.round(options.warning)}`);
  const asked = memory === undefined ? undefined : megabytes(memory);
  const declared = memoryBytes === undefined ? undefined : Math.ceil(memoryBytes / 2 ** 20);
  return {
    words,
    memory: named?.memory === undefined ? (declared ?? asked) : asked,
    seconds: time === undefined ? undefined : seconds(time),
  };
}

/** `4G`, `500M`, `500` (megabytes), as sbatch reads it. Throws an InputError. */
export function megabytes(text: string): number {
  const [, digits, unit = 'M'] = /^(\d+)\s*([KMGT]?)B?$/i.exec(text) ?? [];
  // 0 is all that a machine has for sbatch, which no job can be asked to double.
  if (digits === undefined || Number(digits) === 0)
    throw new InputError(`memory ${text}: expected a size such as 4G or 500M`);
  const factor = { K: 1 / 1024, M: 1, G: 1024, T: 1024 ** 2 }[unit.toUpperCase() || 'M']!;
  return Math.max(1, Math.ceil(Number(digits) * factor));
}

/** `minutes`, `minutes:seconds`, `hours:minutes:seconds`, `days-hours[:minutes[:seconds]]`. Throws an InputError. */
export function seconds(text: string): number {
  const [, days, rest] = /^(?:(\d+)-)?(\d+(?::\d+){0,2})$/.exec(text) ?? [];
  if (rest === undefined) throw new InputError(`time ${text}: expected a limit such as 30 (minutes), 2:00:00 or 1-12`);
  const parts = rest.split(':').map(Number);
  if (days !== undefined) return 86_400 * Number(days) + 3600 * parts[0]! + 60 * (parts[1] ?? 0) + (parts[2] ?? 0);
  if (parts.length === 3) return 3600 * parts[0]! + 60 * parts[1]! + parts[2]!;
  return 60 * parts[0]! + (parts[1] ?? 0);
}
