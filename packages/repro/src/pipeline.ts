import { Kind } from '@sinclair/typebox';
import type { Static, TObject, TSchema } from '@sinclair/typebox';
import type { Handle } from './graph/graph.ts';
import type { ClaimResults } from './claims/claim.ts';
import type { Acknowledgements } from './claims/gate.ts';
import { a, check, checkMembers, maybe } from './graph/declared.ts';
import type { Kind as Expected } from './graph/declared.ts';
import { parameterSchema } from './outline/defaults.ts';
import type { Defaults } from './outline/defaults.ts';
import { outlineMembers, publicationOf } from './outline/report.ts';
import type { Outline } from './outline/report.ts';
import { withoutSources } from './outline/published-source.ts';

/** What only people know of a pipeline's results. */
export interface Dataset {
  readonly title: string;
  readonly description: string;
  /** URL of the license of the results, e.g. `https://spdx.org/licenses/MIT`. */
  readonly license: string;
  /** URL of the work that is reproduced, e.g. `https://arxiv.org/abs/2505.10465`. */
  readonly basedOn?: string;
  /** Those who answer for the results: data repositories ask for them. */
  readonly authors?: readonly Author[];
}

export interface Author {
  readonly name: string;
  /** URL of the person, such as an ORCID: `https://orcid.org/0000-0002-1825-0097`. */
  readonly url?: string;
}

/** Nodes that are worth running, exporting and importing by themselves. */
export interface PipelinePart {
  /** How `run --part` calls it, e.g. `small-sweep`. */
  readonly name: string;
  /** What it is, in a few words. */
  readonly summary: string;
  /** Claims that its results decide, with those of the parts before it: shown by `run --dry-run`. */
  readonly decides?: readonly string[];
  /** What it makes, with all that these need. */
  readonly outputs: readonly Handle[];
}

/** What the results of a pipeline mean to its readers. */
export interface Publication {
  /** Path below `reports/<set>/` -> the artifact copied there. */
  readonly files: Readonly<Record<string, Handle>>;
  /** The one of `files` to whose end the engine adds the provenance. */
  readonly report?: string;
  /** The one of `files` that is a page with a place for the provenance, as the stage `page` makes it. */
  readonly page?: string;
  readonly claims?: {
    readonly results: Handle<typeof ClaimResults>;
    /** Ids of the claims that this set must decide. */
    readonly decides: readonly string[];
    /** Claim -> part -> the finding that is known of it in this set. */
    readonly acknowledged: Acknowledgements;
  };
  /** Those worth most for their time first: the order of `run --budget`. What is in none comes last. */
  readonly parts?: readonly PipelinePart[];
}

export interface BuildContext {
  /** Name of the parameter set. */
  readonly set: string;
  /** Its file, for messages. */
  readonly file: string;
  /** Reads a file of the project while planning, as text; throws an InputError if it is missing. */
  readonly readText: (path: string) => string;
}

/** Words of a project that the help texts of the command line use in their examples. */
export interface PipelineExamples {
  /** A set other than the default one, e.g. `ci`. */
  readonly set?: string;
  /** A stage, e.g. `fit`. */
  readonly stage?: string;
  /** A node, e.g. `fit[m=32]`. */
  readonly node?: string;
  /** A parameter and a value, e.g. `seed=2`. */
  readonly override?: string;
}

export interface PipelineDefinition<P extends TObject = TObject> {
  readonly name: string;
  /** The set that verbs take without `--params`. Left out: the only one in `params/`, else `default`. */
  readonly defaultSet?: string;
  /** What help texts show; its members are checked by nothing, so a test of the project should run them. */
  readonly examples?: PipelineExamples;
  /** What data repositories ask of results: `repro crate` writes it down. */
  readonly dataset?: Dataset;
  /** What `params/<set>.json` must satisfy; published as `params/schema.json`. */
  readonly params: P;
  /** Other JSON files that are read while planning, and what each must satisfy: `params/x.json` is published as `params/x.schema.json`. */
  readonly schemas?: Readonly<Record<string, TSchema>>;
  /** Builds the graph by calling stages. Throws an InputError for parameters that make no sense together. */
  readonly build: (params: Static<P>, context: BuildContext) => Publication;
}

/** The types of default values, less what is special about these: of `[1, 2]` a list of numbers. */
export type ValuesOf<D> = {
  -readonly [K in keyof D]: D[K] extends number
    ? number
    : D[K] extends string
      ? string
      : D[K] extends boolean
        ? boolean
        : D[K];
};

/** A pipeline whose parameters are given by their default values, or whose `build` returns what the report is made of. */
export interface OutlineDefinition<D extends Defaults = Defaults> extends Omit<PipelineDefinition, 'params' | 'build'> {
  /** Default values; `params/<set>.json` and `--set` replace them. Default: none. */
  readonly params?: D;
  readonly build: (params: ValuesOf<D>, context: BuildContext) => Outline | Publication;
}

/**
 * Declares a pipeline. Its parameters are a schema, for what `params/<set>.json` says, or default values, for which no file
 * is needed. `build` returns what is published; or `{ claims, figures, files }`, and the report is made of that.
 */
export function definePipeline<P extends TObject>(
  definition: Omit<PipelineDefinition<P>, 'build'> & {
    readonly build: (params: Static<P>, context: BuildContext) => Outline | Publication;
  },
): PipelineDefinition<P>;
export function definePipeline<D extends Defaults>(definition: OutlineDefinition<D>): PipelineDefinition;
export function definePipeline(
  definition: (Omit<PipelineDefinition, 'build'> & Pick<OutlineDefinition, 'build'>) | OutlineDefinition,
): PipelineDefinition {
  checkMembers('definePipeline', definition, members);
  const { params = {}, build, dataset } = definition;
  if (dataset !== undefined) checkMembers('dataset', dataset, datasetMembers);
  for (const author of dataset?.authors ?? []) checkMembers('dataset: author', author, authorMembers);
  return {
    ...definition,
    params: parameterSchema(params),
    build: (values, context) => {
      const made = build(values, context);
      checkMade(made);
      const publication = isPublication(made) ? made : publicationOf(definition.name, context.set, made);
      return { ...publication, files: withoutSources(publication.files) };
    },
  };
}

/** Whether a value is what `definePipeline` returns, or has its form. */
export function isPipeline(value: unknown): value is PipelineDefinition {
  const { params, build } = (a.object.accepts(value) ? value : {}) as Partial<PipelineDefinition>;
  return typeof build === 'function' && params !== undefined && Kind in params;
}

/** What `definePipeline` takes. */
const members = {
  name: a.text,
  defaultSet: maybe(a.text),
  examples: maybe(a.object),
  dataset: maybe(a.object),
  params: maybe({ ...a.object, expected: 'default values, { noise: 0.1 }, or a schema, Type.Object({ ... })' }),
  schemas: maybe(a.object),
  build: { ...a.call, expected: 'a function that calls commands or stages and returns what is published' },
} satisfies Record<keyof PipelineDefinition, Expected>;

const datasetMembers = {
  title: a.text,
  description: a.text,
  license: { ...a.url, expected: 'its URL, such as "https://spdx.org/licenses/MIT"' },
  basedOn: maybe(a.url),
  authors: maybe(a.list),
} satisfies Record<keyof Dataset, Expected>;

const authorMembers = { name: a.text, url: maybe(a.url) } satisfies Record<keyof Author, Expected>;

/** What `build` returned, whose members are those of a publication or of an outline. */
function checkMade(made: Outline | Publication): void {
  check('build: what it returned', made, {
    expected: 'what is published: { claims, figures, files }. It may not be async, since it only plans',
    accepts: (value) => a.object.accepts(value) && !(value instanceof Promise),
  });
  const publication = { report: maybe(a.text), page: maybe(a.text), parts: maybe(a.list), claims: maybe(a.object) };
  checkMembers('build: what it returned', made, {
    ...outlineMembers,
    ...(isPublication(made) && publication),
  });
}

/** An outline that publishes only files is a publication. */
function isPublication(made: Outline | Publication): made is Publication {
  return !('figures' in made || 'text' in made || Array.isArray(made.claims)) && made.files !== undefined;
}
