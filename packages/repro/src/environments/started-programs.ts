/** Which interpreters a command line starts, by itself or through others: their versions count for what comes of it. */
import { basename } from 'node:path';

/** Interpreters but for Python, with the line that asks for their version. */
export const versionLines: Readonly<Record<string, readonly string[]>> = {
  Rscript: ['Rscript', '--version'],
  R: ['R', '--version'],
  julia: ['julia', '--version'],
  node: ['node', '--version'],
  perl: ['perl', '-e', 'print $^V'],
  ruby: ['ruby', '--version'],
  octave: ['octave', '--version'],
  java: ['java', '-version'],
};
const shell = /^(?:sh|bash|dash|zsh|ksh)$/;
/** Programs that start the one which is named after their own options. */
const wrapper = new RegExp(
  '^(?:env|nice|ionice|chrt|nohup|time|timeout|stdbuf|unbuffer|setsid|flock|taskset|numactl|xargs|parallel' +
    '|xvfb-run|mpirun|mpiexec|srun|exec|command|sudo)$',
);

/** Of a program without its folder: `python3`, `pypy3.10`. */
export function isPython(name: string): boolean {
  return /^(python|pypy)[\d.]*$/.test(name);
}

/** Whether a program, with or without its folder, runs what others wrote. */
function isInterpreter(program: string): boolean {
  const name = basename(program);
  return isPython(name) || Object.hasOwn(versionLines, name);
}

export function isShell(program: string): boolean {
  return shell.test(basename(program));
}

/**
 * The programs that a line starts, as far as it says: `['timeout', '60', '/opt/python3', 'fit.py']` starts `timeout` and
 * `/opt/python3`; of `['sh', '-c', 'python3 fit.py']` it is `sh` and `python3`.
 */
export function startedPrograms([program = '', ...words]: readonly string[]): string[] {
  if (wrapper.test(basename(program))) {
    const at = words.findIndex((word) => isInterpreter(word) || isShell(word));
    return [program, ...(at < 0 ? [] : startedPrograms(words.slice(at)))];
  }
  if (isShell(program)) return [program, ...words.flatMap((word) => (/\s/.test(word) ? programsInScript(word) : []))];
  return [program];
}

/** Interpreters that are named where a line of a shell script starts a program; a few more where text looks like one. */
export function programsInScript(script: string): string[] {
  const words = script.replace(/(^|\s)#.*/gm, '$1').split(/[\s;&|()`"'{}<>=]+/);
  return [...new Set(words.filter(isInterpreter))];
}

/** The interpreter and its wrappers that the first line of a script names: `#!/usr/bin/env python3`. */
export function programsOfShebang(script: string): string[] {
  const line = /^#! *(\S.*)/.exec(script)?.[1];
  return line === undefined ? [] : startedPrograms(line.trim().split(/\s+/));
}
