/** Environments of commands as nodes: what is installed for them counts as an input, by what it is and not by where. */
import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import { file, json, optional } from '../graph/artifact.ts';
import { canonicalJson } from '../graph/canonical-json.ts';
import { a, check, checkMembers, DeclarationError, maybe } from '../graph/declared.ts';
import type { Kind } from '../graph/declared.ts';
import { source } from '../graph/graph.ts';
import type { Handle } from '../graph/node.ts';
import { defineStage } from '../graph/stage.ts';
import type { Stage } from '../graph/stage.ts';
import { hereOf } from './here.ts';

/** What an environment is, to the last digit of each version; the same text makes the same environment on any machine of the platform. */
const Described = Type.Union([
  Type.Object({
    kind: Type.Literal('python'),
    /** `3.11.7` */
    version: Type.String(),
    /** `linux-x86_64` */
    platform: Type.String(),
    /** Lines of a requirements file, each pinned and with its hashes. */
    requirements: Type.Array(Type.String()),
  }),
  Type.Object({
    kind: Type.Literal('r'),
    version: Type.String(),
    platform: Type.String(),
    /** In the order in which they are installed. */
    packages: Type.Array(Type.Object({ name: Type.String(), version: Type.String(), repository: Type.String() })),
  }),
  Type.Object({ kind: Type.Literal('container'), image: Type.String() }),
  Type.Object({ kind: Type.Literal('tools'), tools: Type.Record(Type.String(), Type.String()) }),
]);
export type Described = Static<typeof Described>;

export const EnvironmentType = json('environment', Described);

/** What a pipeline asks for. */
export type Environment =
  | { readonly kind: 'python'; readonly lock: string; readonly project?: string; readonly version?: string }
  | { readonly kind: 'r'; readonly lock: string; readonly version?: string }
  | { readonly kind: 'container'; readonly image: string }
  | { readonly kind: 'tools'; readonly tools: Readonly<Record<string, readonly string[]>> };

/**
 * A Python with the packages of a lock file, made once in the store by uv, or else by venv and pip. `lock`: `uv.lock`, which
 * needs uv and its pyproject.toml in the same folder, or a requirements file in which every package is pinned and has
 * hashes. `version`: `3.11`; default: that of python3 on the PATH. Throws a DeclarationError for another kind of file.
 */
export function python(asked: { readonly lock: string; readonly version?: string }): Environment {
  checkMembers('python', asked, { lock: pathOf('a uv.lock or a requirements file (.txt)'), version: versionText });
  const { lock, version } = asked;
  if (!/(^|\/)uv\.lock$|\.(txt|lock)$/.test(lock))
    throw new DeclarationError(
      `python: lock ${JSON.stringify(lock)}: expected a uv.lock or a requirements file (.txt)`,
    );
  checkVersion('python', version);
  const project = /(^|\/)uv\.lock$/.test(lock) ? lock.replace(/uv\.lock$/, 'pyproject.toml') : undefined;
  return { kind: 'python', lock, ...(project !== undefined && { project }), ...(version !== undefined && { version }) };
}

/** An R with the packages of an renv.lock, made once in the store. `version`: `4.2`; default: that of Rscript on the PATH. */
export function r(asked: { readonly lock: string; readonly version?: string }): Environment {
  checkMembers('r', asked, { lock: pathOf('an renv.lock'), version: versionText });
  const { lock, version } = asked;
  checkVersion('r', version);
  return { kind: 'r', lock, ...(version !== undefined && { version }) };
}

/**
 * A container image by its digest, run by podman, docker or apptainer, without network. For example
 * `container({ image: 'docker.io/library/python@sha256:5e88...' })`. Throws a DeclarationError for an image without a digest.
 */
export function container(asked: { readonly image: string }): Environment {
  checkMembers('container', asked, { image: { ...a.text, expected: 'the name of an image with its digest' } });
  const { image } = asked;
  if (!/^[\w./:-]+@sha256:[0-9a-f]{64}$/.test(image))
    throw new DeclarationError(
      `container: image ${JSON.stringify(image)}: expected a name with a digest, such as name@sha256:5e88... (podman image inspect --format '{{.Digest}}' NAME)`,
    );
  return { kind: 'container', image };
}

/** Tools on the PATH, by what they print of their versions: `tools({ jq: ['jq', '--version'] })`. */
export function tools(list: Readonly<Record<string, readonly string[]>>): Environment {
  const expected = 'commands that print a version, by name: { jq: ["jq", "--version"] }';
  const accepts = (value: unknown): boolean => a.object.accepts(value) && Object.keys(value).length > 0;
  check('tools: the argument', list, { expected, accepts });
  for (const [name, line] of Object.entries(list))
    if (!a.texts.accepts(line) || line.length === 0)
      throw new DeclarationError(
        `tools: ${name}: expected a command that prints a version, such as ["${name}", "--version"]`,
      );
  return { kind: 'tools', tools: list };
}

/** A path is checked for what it must end in once it is known to be text. */
function pathOf(expected: string): Kind {
  return { expected, accepts: a.text.accepts };
}

const versionText: Kind = maybe({ ...a.anyText, expected: 'text such as "3.11" or "3.11.7"' });

function checkVersion(kind: string, version: string | undefined): void {
  if (version !== undefined && !/^\d+(\.\d+){0,2}$/.test(version))
    throw new DeclarationError(
      `${kind}: version ${JSON.stringify(version)}: expected a number such as "3.11" or "3.11.7"`,
    );
}

const LockFile = file('lock-file', '.lock');
const ProjectFile = file('project-file', '.toml');
const Params = Type.Object({ kind: Type.String(), asked: Type.Unknown() });
const Inputs = { lock: optional(LockFile), project: optional(ProjectFile) } as const;
type EnvironmentStage = Stage<typeof Params, typeof Inputs, { readonly environment: typeof EnvironmentType }>;

/** By what is asked for: each has a stage of its own, whose code includes the versions that are here. */
const stages = new Map<string, EnvironmentStage>();

/** Adds the node of an environment to the graph. */
export function environmentNode(asked: Environment): Handle<typeof EnvironmentType> {
  const id = canonicalJson(asked);
  let stage = stages.get(id);
  if (!stage) {
    stage = defineStage({
      name: 'environment',
      variant: id,
      code: new URL('repro:environments/run.ts'),
      here: (root) => hereOf(root, asked),
      // Installers have many; what they are to install is named by digests.
      settings: ['*'],
      summary: 'What is installed for commands: interpreter, packages, tools.',
      params: Params,
      labels: ['kind'],
      inputs: Inputs,
      outputs: { environment: EnvironmentType },
    });
    stages.set(id, stage);
  }
  const lock = 'lock' in asked ? source(asked.lock, LockFile) : undefined;
  const project = 'project' in asked && asked.project !== undefined ? source(asked.project, ProjectFile) : undefined;
  return stage({ kind: asked.kind, asked }, { lock, project }).environment;
}
