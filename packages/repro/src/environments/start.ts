/** How a command is started: within what is installed for it, in a container, in a sandbox. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { basename, delimiter, dirname, join } from 'node:path';
import type { CommandJob } from '../execute/protocol.ts';
import { makeEnvironment } from './make.ts';
import { findProgram } from './programs.ts';
import { isPython } from './started-programs.ts';
import { missingProgram } from './tools.ts';
import { refuseChanged } from './untouched.ts';

export interface Start {
  readonly line: readonly string[];
  /** All variables of the process. */
  readonly variables: Readonly<Record<string, string>>;
  /** What it runs in, where that keeps the limit of memory by itself. */
  readonly container?: 'podman' | 'docker';
}

/** Throws an Error of one line where a program that is needed for this is not installed. */
export async function startOf(job: CommandJob): Promise<Start> {
  const { line, directory, environment, path, installed, folders, sandbox } = job;
  const described = installed?.described;
  if (described?.kind === 'container')
    // What runs containers may need any variable; what runs in them gets those that are declared.
    return startInContainer(described.image, job);
  const made = installed && (await makeEnvironment(installed.directory, installed.described, installed.project));
  if (made !== undefined) refuseChanged(made);
  const before = [...(made !== undefined && described?.kind === 'python' ? [join(made, 'bin')] : []), ...path];
  const outside = process.env['PATH'] ?? '';
  const first = before.filter((folder) => !path.includes(folder) || !isFoundBy(outside, folder));
  const PATH = [...first, outside].join(delimiter);
  const own: Record<string, string> = {};
  if (made !== undefined && described?.kind === 'python') own['VIRTUAL_ENV'] = made;
  if (made !== undefined && described?.kind === 'r') own['R_LIBS'] = join(made, 'library');
  const variables = { ...environment, ...own, PATH };
  if (!sandbox) return { line, variables };
  // bwrap says of it that it is no file.
  const program = findProgram(line[0]!, PATH);
  if (program === undefined && !line[0]!.includes('/')) throw new Error(missingProgram(line[0]!));
  const shown = [
    ...folders.inputs,
    ...before.map((each) => dirname(each)),
    ...(made === undefined ? [] : [made]),
    ...realPrefixes(before),
  ];
  // What is in a folder that is there is not put there again: where it is a link, bwrap would follow it.
  const programs = (program === undefined ? [] : [program, realpathSync(program)]).filter(
    (file) => ![...systemFolders, ...shown].some((folder) => file.startsWith(`${folder}/`)),
  );
  return { line: inSandbox(line, directory, folders.own, [...shown, ...programs], folders.kept), variables };
}

function startInContainer(image: string, job: CommandJob): Start {
  const line = inContainer(image, job);
  const variables = process.env as Record<string, string>;
  const name = basename(line[0]!);
  return name === 'podman' || name === 'docker' ? { line, variables, container: name } : { line, variables };
}

/** The folders of a node that it may write to. */
function writable({ own, kept }: { readonly own: string; readonly kept?: string | undefined }): string[] {
  return kept === undefined ? [own] : [own, kept];
}

/** Whether the Pythons of a folder are those that a PATH finds: put first, it would hide other programs of that PATH. */
function isFoundBy(path: string, folder: string): boolean {
  const names = existsSync(folder) ? readdirSync(folder).filter(isPython) : [];
  return names.length > 0 && names.every((name) => dirname(findProgram(name, path) ?? '') === folder);
}

/** A virtual environment's interpreter is a link to the one that it was made with. */
function realPrefixes(folders: readonly string[]): string[] {
  return folders.flatMap((folder) => {
    const python = findProgram('python3', folder);
    return python === undefined ? [] : [dirname(dirname(realpathSync(python)))];
  });
}

/**
 * `podman run ... image line`: inputs and the folder of the node are where they are outside; there is no network. The line
 * runs as it is, by the user of this process, whatever entry point and user the image names: so it does in apptainer.
 */
export function inContainer(
  image: string,
  { line, directory, environment, folders, memoryLimit }: CommandJob,
): string[] {
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  const [podman, docker, apptainer] = ['podman', 'docker', 'apptainer'].map((name) => findProgram(name));
  const inputs = folders.inputs.filter((folder) => existsSync(folder));
  if (podman !== undefined || docker !== undefined)
    return [
      ...[podman ?? docker!, 'run', '--rm', '--network=none', '--hostname=repro', '--entrypoint='],
      // Without root, podman's user 0 is the one who started it; docker's is that of the machine.
      podman === undefined ? `--user=${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}` : '--user=0:0',
      `--workdir=${directory}`,
      ...inputs.map((folder) => `${mountOf(folder)},readonly`),
      ...writable(folders).map(mountOf),
      // By the last two, what is left of a job and of a run is found and ended.
      ...[...variables, 'REPRO_JOB', 'REPRO_RUN'].map((variable) => `--env=${variable}`),
      ...(memoryLimit === undefined ? [] : [`--memory=${memoryLimit}`]),
      ...[image, ...line],
    ];
  if (apptainer !== undefined)
    return [
      ...[apptainer, 'exec', '--containall', '--net', '--network=none', `--pwd=${directory}`],
      ...inputs.map((folder) => `--bind=${folder}:${folder}:ro`),
      ...writable(folders).map((folder) => `--bind=${folder}:${folder}`),
      ...variables.map((variable) => `--env=${variable}`),
      ...[`docker://${image}`, ...line],
    ];
  throw new Error(missingProgram('podman'));
}

/**
 * A folder where it is outside. Its fields are those of CSV: a path may hold commas, quotes and colons. Podman before 4.1
 * knows no quotes, so that they are only where they have to be.
 */
function mountOf(folder: string): string {
  const isPlain = !/[,"\r\n]/.test(folder);
  const field = (name: string): string => (isPlain ? `${name}=${folder}` : `"${name}=${folder.replaceAll('"', '""')}"`);
  return `--mount=type=bind,${field('source')},${field('target')}`;
}

/** Why nothing can run in a sandbox here, in one line; undefined if it can. Some systems allow it to root only. */
export function sandboxProblem(): string | undefined {
  if (findProgram('bwrap') === undefined) return missingProgram('bwrap');
  const [program, ...args] = inSandbox(['true'], '/tmp', '/tmp', []);
  const { status, stderr, error } = spawnSync(program!, args, { encoding: 'utf8', timeout: 10_000 });
  if (status === 0) return undefined;
  return (error?.message ?? stderr).trim().split('\n')[0] || `bwrap ended with ${status}`;
}

const systemFolders = ['/usr', '/bin', '/sbin', '/lib', '/lib64', '/etc/alternatives', '/etc/ld.so.cache', '/etc/R'];

/** Of the machine, a program sees what programs consist of, its folder, its inputs and its environment. */
export function inSandbox(
  line: readonly string[],
  directory: string,
  own: string,
  seen: readonly string[],
  kept?: string,
): string[] {
  const bwrap = findProgram('bwrap');
  if (bwrap === undefined) throw new Error(missingProgram('bwrap'));
  const visible = [...systemFolders, ...seen].filter((folder) => existsSync(folder));
  return [
    ...[bwrap, '--unshare-all', '--die-with-parent', '--proc', '/proc', '--dev', '/dev', '--tmpfs', '/tmp'],
    ...visible.flatMap((folder) => ['--ro-bind', folder, folder]),
    ...writable({ own, kept }).flatMap((folder) => ['--bind', folder, folder]),
    ...['--chdir', directory, '--', ...line],
  ];
}
