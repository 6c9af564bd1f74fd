import { Type } from '@sinclair/typebox';
import { ClaimResults } from '../claims/claim.ts';
import { FigureCaption, figureOutputs } from '../figures/artifacts.ts';
import { available, file, optional } from '../graph/artifact.ts';
import type { Handle } from '../graph/graph.ts';
import { defineStage } from '../graph/stage.ts';

/** `index.html`: name it as the `page` of the publication, and the provenance is filled in. */
export const Page = file('page', '.html');

const text = (description: string) => Type.String({ description });

export type ImageName = `image-${number}`;

/** What both stages are. */
function pageOf<Images extends Readonly<Record<ImageName, ReturnType<typeof optional>>>>(images: Images) {
  return {
    name: 'page',
    code: new URL('repro:page/run.ts'),
    summary: 'One self-contained page of HTML: claims, figures, data, provenance.',
    params: Type.Object({
      set: text('Name of the parameter set'),
      title: text('Heading of the page'),
      text: Type.Array(Type.String(), { description: 'Paragraphs below the heading; words in backticks are code' }),
      decides: Type.Array(Type.String(), { description: 'Ids of the claims that this set decides' }),
      reasons: Type.Optional(
        Type.Record(Type.String(), Type.Record(Type.String(), Type.String()), {
          description: 'Claim -> part -> why it is not reproduced, where that is known',
        }),
      ),
      picture: Type.Optional(text('The figure of the first screen')),
      images: Type.Optional(
        Type.Array(Type.Object({ figure: Type.String(), title: Type.String(), extension: Type.String() }), {
          description: 'Figures that commands drew, after the others: id, title, and the extension of the file',
        }),
      ),
      files: Type.Optional(
        Type.Record(Type.String(), Type.String(), {
          description: 'Published files that the page offers, relative to it, and what each is',
        }),
      ),
    }),
    inputs: {
      claims: optional(ClaimResults),
      captions: available(FigureCaption),
      /** In the order of the captions. */
      drawings: available(figureOutputs.svg),
      ...images,
    },
    outputs: { page: Page },
  } as const;
}

/**
 * A page of any pipeline: its claims with a filter, its figures, its files and its provenance. For example,
 * `page({ set, title: 'Sums', text: ['Sums of the first numbers.'], decides, files: { 'sums.csv': 'Every sum' } },
 * { claims, captions: figures.map((one) => one.caption), drawings: figures.map((one) => one.svg) })`.
 */
export const page = defineStage(pageOf({}));

/** The same with images that commands made, by the names of inputs: `image-0`, ... in the order of `params.images`. */
export function pageWith(images: Readonly<Record<ImageName, Handle>>) {
  const types = Object.fromEntries(
    Object.entries(images).map(([name, { type }]) => [name as ImageName, optional(type)] as const),
  ) as Record<ImageName, ReturnType<typeof optional>>;
  return defineStage(pageOf(types));
}
