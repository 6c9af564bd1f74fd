import { Type } from '@sinclair/typebox';
import { InputError } from '../errors.ts';
import type { ArtifactType } from '../graph/artifact.ts';
import { a, check, checkMembers } from '../graph/declared.ts';
import type { Handle } from '../graph/graph.ts';
import { defineStage } from '../graph/stage.ts';
import type { Stage } from '../graph/stage.ts';

const Params = Type.Object({ url: Type.String({ minLength: 1 }), sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }) });

type FetchFile = Stage<typeof Params, Record<string, never>, { file: ArtifactType }>;

/** One stage for each type of artifact, all of one name. */
const stages = new Map<string, FetchFile>();

/**
 * A file of the web as a source: fetched once, and only if its bytes have the digest. Without network the node ends as
 * *not run*. For example, `fetchFile({ url: 'https://example.org/points.csv', sha256: '5e88...' }, Points)`.
 * Throws an InputError for a URL that is not http or https, and for a digest that is none.
 */
export function fetchFile<A extends ArtifactType>(
  place: { readonly url: string; readonly sha256: string },
  type: A,
): Handle<A> {
  checkMembers('fetchFile', place, { url: a.anyText, sha256: a.anyText });
  check('fetchFile: the second argument', type, a.type);
  const { url, sha256 } = place;
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new InputError(`fetchFile: url ${JSON.stringify(url)}: expected one of http or https`);
  if (!/^[0-9a-f]{64}$/.test(sha256))
    throw new InputError(
      `fetchFile: sha256 ${JSON.stringify(sha256)}: expected 64 hexadecimal digits (sha256sum FILE)`,
    );
  let stage = stages.get(type.id);
  if (!stage) {
    stage = defineStage({
      name: 'fetch-file',
      variant: type.id,
      code: new URL('repro:fetch-file/run.ts'),
      summary: 'A file of the web, by its digest',
      params: Params,
      inputs: {},
      outputs: { file: type },
      execution: { resources: { cpu: 0.5 } },
      cost: () => 1,
    });
    stages.set(type.id, stage);
  }
  return stage({ url, sha256 }, {}).file as Handle<A>;
}
