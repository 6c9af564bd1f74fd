/** What of this machine an environment depends on, besides what the pipeline says: versions and platform. */
import { basename, dirname, join } from 'node:path';
import type { Environment } from './environment.ts';
import { isPython, versionLines } from './started-programs.ts';

export type Here = Readonly<Record<string, string>>;

/**
 * Versions that are here, by name. Where something is missing its place says so, and the node that needs it fails with
 * that: what needs nothing of it goes on.
 */
export async function hereOf(root: string, asked: Environment): Promise<Here> {
  if (asked.kind === 'container') return {};
  if (asked.kind === 'tools') {
    const { toolVersions } = await import('./tools.ts');
    return toolVersions(root, asked.tools);
  }
  if (asked.kind === 'r') {
    const { findR } = await import('./r.ts');
    const facts = await findR(root, asked.version);
    return 'missing' in facts ? { R: facts.missing } : { R: `${facts.version} ${facts.platform}` };
  }
  const { findPython } = await import('./python.ts');
  const facts = await findPython(root, asked.version);
  return 'missing' in facts ? { python: facts.missing } : { python: `${facts.version} ${facts.platform}` };
}

/** What counts of a program that a command starts without a declared environment. */
export async function hereOfProgram(root: string, program: string): Promise<{ here: Here; directory?: string }> {
  const name = basename(program);
  if (isPython(name)) {
    const { askPython } = await import('./python.ts');
    const facts = await askPython(root, program);
    if (!facts) return { here: { [program]: 'not found' } };
    const packages = Object.entries(facts.packages).map(([name, version]) => [`${program}: ${name}`, version]);
    return {
      here: { [program]: `${facts.version} ${facts.platform}`, ...(Object.fromEntries(packages) as Here) },
      // One that is called by its path is found without it.
      ...(name === program && { directory: dirname(facts.executable) }),
    };
  }
  const line = versionLines[name];
  if (!line) return { here: {} };
  const { toolVersions } = await import('./tools.ts');
  const here = await toolVersions(root, { [program]: [program, ...line.slice(1)] });
  if (name !== 'Rscript' && name !== 'R') return { here };
  const { packagesOfR } = await import('./r.ts');
  const packages = Object.entries(await packagesOfR(root, join(dirname(program), 'Rscript')));
  return {
    here: { ...here, ...Object.fromEntries(packages.map(([each, version]) => [`${program}: ${each}`, version])) },
  };
}
