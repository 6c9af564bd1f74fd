import { Type } from '@sinclair/typebox';
import { figureOutputs } from '../figures/artifacts.ts';
import { many } from '../graph/artifact.ts';
import type { ArtifactType } from '../graph/artifact.ts';
import { a, check, checkMembers, DeclarationError, isHandle, maybe } from '../graph/declared.ts';
import type { Handle } from '../graph/graph.ts';
import { defineStage } from '../graph/stage.ts';
import { anyTable, as } from './any-type.ts';
import { specificationProblem } from './specification.ts';

/** A Vega-Lite specification without its data: `{ mark: 'point', encoding: { x: { field: 'n', type: 'quantitative' } } }`. */
export type Specification = Readonly<Record<string, unknown>>;

/** A figure that is yet to be drawn. */
export interface Drawing {
  readonly specification: Specification;
  readonly tables: readonly Handle[];
  readonly title: string | undefined;
  readonly caption: string;
}

/**
 * A figure of the rows of a table, or of several tables one after the other. The specification has no `data`: that is the
 * rows, whose columns are its fields. For example:
 * `vegaLite({ mark: 'line', encoding: { x: { field: 'step', type: 'quantitative' }, y: { field: 'loss', type: 'quantitative' } } }, curve)`.
 * Throws a GraphError where there is no table, and for a mark, a channel or a field that is none.
 */
export function vegaLite(
  specification: Specification,
  table: Handle | readonly Handle[],
  texts: { readonly title?: string; readonly caption?: string } = {},
): Drawing {
  check('vegaLite: the specification', specification, a.object);
  check('vegaLite: the table', table, {
    expected: 'an output of a command or stage, a source, or a list of these',
    accepts: (value) => isHandle(value) || (Array.isArray(value) && value.every(isHandle)),
  });
  checkMembers('vegaLite: title and caption', texts, { title: maybe(a.anyText), caption: maybe(a.anyText) });
  const { title, caption = '' } = texts;
  const tables = Array.isArray(table) ? (table as readonly Handle[]) : [table as Handle];
  if (tables.length === 0) throw new DeclarationError('vegaLite: there is no table: expected one at least');
  const known = tables.map(({ type }) => type.columns);
  const columns = known.every((each) => each !== undefined) ? known.flatMap((each) => Object.keys(each)) : undefined;
  const problem = specificationProblem(specification, columns);
  if (problem !== undefined) throw new DeclarationError(`vegaLite: ${problem}`);
  return { specification, tables, title, caption };
}

export const drawFigure = defineStage({
  name: 'figure',
  code: new URL('repro:outline/run/draw.ts'),
  summary: 'A figure, drawn from tables by its Vega-Lite specification.',
  params: Type.Object({
    id: Type.String(),
    title: Type.String(),
    caption: Type.String(),
    specification: Type.Unknown(),
    columns: Type.Record(Type.String(), Type.String()),
  }),
  labels: ['id'],
  inputs: { tables: many(anyTable) },
  outputs: figureOutputs,
  // Vega takes longer to load than to draw.
  execution: { batchBy: [], batchWaits: false },
});

/** Adds the figure to the graph. `id` names its files. */
export function draw(id: string, { specification, tables, title = id, caption }: Drawing) {
  // The first table that has a column says what it holds.
  const columns = Object.assign({}, ...tables.map(({ type }) => type.columns ?? {}).reverse()) as Record<
    string,
    string
  >;
  return drawFigure(
    { id, title, caption, specification, columns },
    { tables: tables.map((handle) => as(handle, tableLike(handle.type))) },
  );
}

/** A table of any type, which still has to have the columns that are declared. */
function tableLike({ extension, columns }: ArtifactType): ArtifactType {
  return { ...anyTable, extension, ...(columns && { columns }) };
}
