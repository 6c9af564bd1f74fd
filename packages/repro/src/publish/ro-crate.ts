/**
 * A published report as an RO-Crate (https://w3id.org/ro/crate/1.1) with the run that made it (Process Run Crate): what
 * data repositories read. Made of the report's own files, so that anybody who has these can make it.
 */
import { sha256 } from '../graph/digest.ts';
import { addressOf } from '../address.ts';
import type { Lock } from './lock.ts';
import type { Dataset } from '../pipeline.ts';
import type { SealedProvenance } from './sealed.ts';
import { plural } from '../plural.ts';

export interface CrateFile {
  /** Relative to the crate. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

type Entity = Readonly<Record<string, unknown>>;

const processRunCrate = 'https://w3id.org/ro/wfrun/process/0.5';

/** The content of `ro-crate-metadata.json`. `files`: all others of the crate. */
export function roCrate(
  dataset: Dataset,
  facts: SealedProvenance,
  lock: Lock,
  files: readonly CrateFile[],
  version: string,
): { readonly '@context': readonly unknown[]; readonly '@graph': readonly Entity[] } {
  const reference = (id: string): Entity => ({ '@id': id });
  const paths = files.map(({ path }) => path);
  const made = paths.filter((path) => lock.published && Object.hasOwn(lock.published, path));
  const people = (dataset.authors ?? []).map(({ name, url }, i) => ({
    '@id': url ?? `#author-${i + 1}`,
    '@type': 'Person',
    name,
  }));
  const root: Entity = {
    ...{ '@id': './', '@type': 'Dataset' },
    ...{ name: `${dataset.title}: ${facts.set}`, description: dataset.description },
    datePublished: facts.finishedAt,
    license: reference(dataset.license),
    conformsTo: reference(processRunCrate),
    hasPart: unpacked(paths.map((path) => reference(addressOf(path)))),
    mentions: reference('#run'),
    ...(dataset.basedOn !== undefined && { isBasedOn: reference(dataset.basedOn) }),
    ...(people.length > 0 && { author: unpacked(people.map(({ '@id': id }) => reference(id))) }),
  };
  const run: Entity = {
    ...{ '@id': '#run', '@type': 'CreateAction' },
    name: `repro run --params ${facts.set}`,
    description: `${plural(facts.nodes.executed, 'node')} executed, ${facts.nodes.cached} cached, ${facts.nodes.notRun} not run; commit ${facts.commit ?? 'unknown'}`,
    endTime: facts.finishedAt.replace(/Z$/, '+00:00'),
    ...(people.length > 0 && { agent: unpacked(people.map(({ '@id': id }) => reference(id))) }),
    instrument: reference('#repro'),
    object: reference('provenance.json'),
    result: unpacked(made.map((path) => reference(addressOf(path)))),
    actionStatus: 'http://schema.org/CompletedActionStatus',
  };
  const tool: Entity = {
    ...{ '@id': '#repro', '@type': 'SoftwareApplication' },
    ...{ name: 'repro', softwareVersion: version },
  };
  return {
    '@context': ['https://w3id.org/ro/crate/1.1/context', { sha256: 'https://w3id.org/ro/terms/workflow-run#sha256' }],
    '@graph': [
      {
        ...{ '@id': 'ro-crate-metadata.json', '@type': 'CreativeWork' },
        conformsTo: reference('https://w3id.org/ro/crate/1.1'),
        about: reference('./'),
      },
      root,
      ...files.map(({ path, bytes }) => fileEntity(path, bytes, lock)),
      run,
      tool,
      ...people,
      { '@id': processRunCrate, '@type': 'CreativeWork', name: 'Process Run Crate', version: '0.5' },
      { '@id': dataset.license, '@type': 'CreativeWork', name: dataset.license.split('/').at(-1) },
      ...(dataset.basedOn === undefined
        ? []
        : [{ '@id': dataset.basedOn, '@type': 'CreativeWork', name: dataset.basedOn.replace(/^https:\/\//, '') }]),
    ],
  };
}

/** A list of one is written as that one. */
function unpacked(entities: readonly Entity[]): readonly Entity[] | Entity {
  return entities.length === 1 ? entities[0]! : entities;
}

const formats: Readonly<Record<string, string>> = {
  csv: 'text/csv',
  html: 'text/html',
  json: 'application/json',
  md: 'text/markdown',
  parquet: 'application/vnd.apache.parquet',
  png: 'image/png',
  svg: 'image/svg+xml',
};

function fileEntity(path: string, bytes: Uint8Array, lock: Lock): Entity {
  const node = lock.published?.[path]?.node;
  return {
    ...{ '@id': addressOf(path), '@type': 'File', name: path },
    encodingFormat: formats[path.split('.').at(-1)!] ?? 'application/octet-stream',
    contentSize: String(bytes.length),
    sha256: sha256(bytes),
    ...(node !== undefined && { description: `Output of ${node}, key ${lock.nodes[node]?.key ?? 'unknown'}` }),
  };
}
