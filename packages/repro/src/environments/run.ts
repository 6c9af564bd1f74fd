/** Describes an environment to the last version, and makes it: the code of the stage `environment`. */
import { copyFileSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { StageContext } from '../graph/context.ts';
import { writeJson } from '../runtime.ts';
import type { Described, Environment } from './environment.ts';
import { install, makeEnvironment } from './make.ts';
import { findProgram } from './programs.ts';
import { findPython } from './python.ts';
import { findR, packagesOfLock } from './r.ts';
import { requirementsOf } from './requirements.ts';
import { isMissing, missingProgram, toolVersions } from './tools.ts';

/** What the run hands to this stage besides. */
interface Places {
  /** Where environments are kept. */
  readonly environments: string;
  /** The root of the project, in which versions may be chosen: `.python-version`. */
  readonly project: string;
}

export async function run(context: StageContext): Promise<void> {
  const { scratch, outputs, environments, project } = context as StageContext & Places;
  let described: Described;
  try {
    described = await describe(context, project, scratch);
    await makeEnvironment(environments, described, project);
  } catch (error) {
    // Where it was thrown here says nothing about the environment.
    if (error instanceof Error) error.stack = '';
    throw error;
  }
  writeJson(outputs['environment']! as never, described as never);
}

async function describe({ params, inputs }: StageContext, root: string, scratch: string): Promise<Described> {
  const asked = params['asked'] as Environment;
  const [lock, project] = [inputs['lock'], inputs['project']] as ({ path: string } | undefined)[];
  switch (asked.kind) {
    case 'container':
      return { kind: 'container', image: asked.image };
    case 'tools': {
      const versions = await toolVersions(root, asked.tools);
      const missing = Object.values(versions).find(isMissing);
      if (missing !== undefined) throw new Error(missing);
      return { kind: 'tools', tools: versions };
    }
    case 'r': {
      const facts = await findR(root, asked.version);
      if ('missing' in facts) throw new Error(facts.missing);
      return { kind: 'r', ...facts, packages: packagesOfLock(readFileSync(lock!.path, 'utf8'), asked.lock) };
    }
    case 'python': {
      const facts = await findPython(root, asked.version);
      if ('missing' in facts) throw new Error(facts.missing);
      const { version, platform, executable } = facts;
      const text = project
        ? await exported(lock!.path, project.path, executable, scratch)
        : readFileSync(lock!.path, 'utf8');
      return { kind: 'python', version, platform, requirements: requirementsOf(text, basename(asked.lock)) };
    }
  }
}

/** A uv.lock as a requirements file. */
async function exported(lock: string, project: string, executable: string, folder: string): Promise<string> {
  const uv = findProgram('uv');
  if (uv === undefined) throw new Error(missingProgram('uv'));
  copyFileSync(lock, join(folder, 'uv.lock'));
  copyFileSync(project, join(folder, 'pyproject.toml'));
  const options = [
    '--frozen',
    '--no-emit-project',
    '--no-header',
    '--no-python-downloads',
    '--format',
    'requirements-txt',
  ];
  return install([uv, 'export', '--quiet', '--project', folder, '--python', executable, ...options]);
}
