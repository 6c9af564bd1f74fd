import { Type } from '@sinclair/typebox';
import { ClaimResults } from '../claims/claim.ts';
import { a, check, DeclarationError, isHandle, maybe, recordOf } from '../graph/declared.ts';
import type { Kind } from '../graph/declared.ts';
import { file, many, optional } from '../graph/artifact.ts';
import type { Handle } from '../graph/graph.ts';
import { defineStage } from '../graph/stage.ts';
import type { StageRun } from '../graph/context.ts';
import { pageWith } from '../page/stage.ts';
import type { ImageName } from '../page/stage.ts';
import type { Publication } from '../pipeline.ts';
import { OneClaim } from './claim.ts';
import type { JudgedClaim } from './claim.ts';
import { pageParagraphs } from './page-text.ts';
import { draw } from './vega-lite.ts';
import type { Drawing } from './vega-lite.ts';

/** What a pipeline that is one file returns: the report follows from it. */
export interface Outline {
  /** In the order of the report. */
  readonly claims?: readonly JudgedClaim[];
  /** By id, which names the files: drawn by `vegaLite`, or an image that a command made. */
  readonly figures?: Readonly<Record<string, Drawing | Handle>>;
  /** Path below `reports/<set>/` -> what is published there besides. */
  readonly files?: Readonly<Record<string, Handle>>;
  /** Markdown below the title of the report and of the page, which shows bold, code, links and lists in plain words. */
  readonly text?: string;
}

const ReportParams = Type.Object({
  title: Type.String(),
  text: Type.String(),
  /** Ids of the claims that the gate requires. */
  decides: Type.Array(Type.String()),
  figures: Type.Array(Type.Object({ path: Type.String(), title: Type.String(), caption: Type.String() })),
});

const isDrawing = (value: unknown): boolean => a.object.accepts(value) && 'specification' in (value as object);
const isImage = (value: unknown): boolean =>
  isHandle(value) && ['.svg', '.png'].includes((value as Handle).type.extension);

/** What `build` returns of a pipeline that is one file. */
export const outlineMembers = {
  claims: maybe({
    expected: 'a list of claim({ ... })',
    accepts: (value) =>
      Array.isArray(value) &&
      value.every((each) => a.object.accepts(each as unknown) && isHandle((each as Partial<JudgedClaim>).result)),
  }),
  figures: maybe(
    recordOf({
      expected: 'vegaLite(...), or an output of the type file(id, ".svg") or file(id, ".png")',
      accepts: (value) => isDrawing(value) || isImage(value),
    }),
  ),
  files: maybe(a.object),
  text: maybe({ ...a.anyText, expected: 'text in Markdown' }),
} satisfies Record<keyof Outline, Kind>;

/** The stage of a report on so many figures: a figure that could not be drawn here is an absent input. */
function reportStage(figures: Readonly<Record<string, Handle>>) {
  const images = Object.fromEntries(Object.entries(figures).map(([name, { type }]) => [name, optional(type)]));
  return defineStage({
    name: 'report',
    code: new URL('repro:outline/run/report.ts'),
    summary: 'The report: claims with their verdicts, and figures.',
    params: ReportParams,
    inputs: { claims: many(OneClaim), ...images },
    outputs: { report: file('report', '.md'), claims: ClaimResults },
  });
}

/** Adds figures and report to the graph. `name`: of the pipeline. */
export function publicationOf(
  name: string,
  set: string,
  { claims = [], figures = {}, files = {}, text = '' }: Outline,
): Publication {
  for (const [path, handle] of Object.entries(files)) check(`files: "${path}"`, handle, a.output);
  const seen = new Set<string>();
  for (const { id } of claims) {
    if (seen.has(id)) throw new DeclarationError(`claims: two have the id "${id}": give one another`);
    seen.add(id);
  }
  const published: Record<string, Handle> = {};
  const images: Record<string, Handle> = {};
  const onPage: ReturnType<typeof draw>[] = [];
  const made: { figure: string; title: string; image: Handle }[] = [];
  const shown: { path: string; title: string; caption: string }[] = [];
  for (const [id, figure] of Object.entries(figures)) {
    if (!/^\w[\w.-]*$/.test(id))
      throw new DeclarationError(`figures: ${JSON.stringify(id)}: expected an id of letters, digits, "-", "_" and "."`);
    const drawn = 'specification' in figure ? draw(id, figure) : undefined;
    const image = drawn ? drawn.svg : (figure as Handle);
    const path = `figures/${id}${image.type.extension}`;
    published[path] = image;
    if (drawn) {
      published[`figures/${id}.png`] = drawn.png;
      published[`figures/${id}.vl.json`] = drawn.specification;
    }
    images[`figure-${shown.length}`] = image;
    const { title = id, caption = '' } = 'specification' in figure ? figure : {};
    if (drawn) onPage.push(drawn);
    else made.push({ figure: id, title, image });
    shown.push({ path, title, caption });
  }
  const decides = claims.filter(({ required }) => required).map(({ id }) => id);
  const { report, claims: results } = reportStage(images)(
    { title: name, text, decides, figures: shown },
    {
      claims: claims.map(({ result }) => result),
      ...images,
    },
  );
  const acknowledged = claims.flatMap(({ id, acknowledged: known }) => (known ? [[id, { a: known }] as const] : []));
  const drawings = onPage.map(({ svg }) => svg);
  const own: Record<ImageName, Handle> = {};
  made.forEach(({ image }, i) => (own[`image-${i}`] = image));
  const shownImages = made.map(({ figure, title, image }) => ({ figure, title, extension: image.type.extension }));
  const { page: html } = pageWith(own)(
    {
      ...{ set, title: name, text: pageParagraphs(text), decides, files: pageFiles(files) },
      ...(made.length > 0 && { images: shownImages }),
    },
    { claims: results, captions: onPage.map(({ caption }) => caption), drawings, ...own },
  );
  const generated = {
    'index.html': html,
    'report.md': report,
    ...(claims.length > 0 && { 'claims.json': results }),
    ...published,
  };
  for (const path of Object.keys(files))
    if (Object.hasOwn(generated, path))
      throw new DeclarationError(`files: "${path}": the report writes it itself: choose another name`);
  return {
    page: 'index.html',
    files: { ...generated, ...files },
    report: 'report.md',
    ...(claims.length > 0 && { claims: { results, decides, acknowledged: Object.fromEntries(acknowledged) } }),
  };
}

/** What the page offers, each by its path. */
function pageFiles(files: Readonly<Record<string, Handle>>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([path, { type }]) => [path, type.id]));
}

/** The type of the code of that stage. */
export type ReportRun = StageRun<ReturnType<typeof reportStage>>;
