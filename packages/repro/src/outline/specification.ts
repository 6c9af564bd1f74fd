/** What can be seen of a Vega-Lite specification without drawing it: a misspelt mark, channel or field would leave an empty figure. */
import { oneOf } from '../errors.ts';
import { didYouMean } from '../nearest.ts';
import { isObject } from '../is-object.ts';

const marks = [
  ...['arc', 'area', 'bar', 'boxplot', 'circle', 'errorband', 'errorbar', 'geoshape', 'image', 'line', 'point', 'rect'],
  ...['rule', 'square', 'text', 'tick', 'trail'],
];

const channels = [
  ...[
    'x',
    'y',
    'x2',
    'y2',
    'xError',
    'xError2',
    'yError',
    'yError2',
    'xOffset',
    'yOffset',
    'theta',
    'theta2',
    'radius',
  ],
  ...[
    'radius2',
    'longitude',
    'latitude',
    'longitude2',
    'latitude2',
    'color',
    'fill',
    'stroke',
    'opacity',
    'fillOpacity',
  ],
  ...['strokeOpacity', 'strokeWidth', 'strokeDash', 'size', 'angle', 'shape', 'text', 'tooltip', 'href', 'url', 'key'],
  ...['description', 'detail', 'order', 'facet', 'row', 'column', 'time'],
];

const compositions = ['layer', 'hconcat', 'vconcat', 'concat', 'spec'] as const;

type Members = Readonly<Record<string, unknown>>;

/** What is wrong, in one line; undefined where nothing is. `columns`: of its rows, if they are known. */
export function specificationProblem(specification: unknown, columns?: readonly string[]): string | undefined {
  const fields =
    columns && !makesColumnsOfItsOwn(specification) ? [...columns, ...madeFields(specification)] : undefined;
  if (isObject(specification) && specification['data'] !== undefined)
    return 'data: the rows of the table take its place: expected it only in a part of layer, hconcat, vconcat or concat';
  if (some(specification, ({ data }) => isObject(data) && data['url'] !== undefined))
    return 'data.url: what it holds would not count in the key: expected its table as a source, among the tables of the figure';
  return viewProblem(specification, fields);
}

function viewProblem(view: unknown, fields: readonly string[] | undefined): string | undefined {
  if (!isObject(view)) return `${JSON.stringify(view)}: expected a specification`;
  const parts = compositions.flatMap((name) => view[name] ?? []);
  const { mark, encoding } = view;
  if (mark === undefined && parts.length === 0)
    return `it has no mark: expected one of mark, ${compositions.join(', ')}`;
  const name = isObject(mark) ? mark['type'] : mark;
  if (mark !== undefined && !marks.includes(name as string))
    return `mark ${JSON.stringify(name)}: there is no such mark${didYouMean(String(name), marks)}`;
  // A part with rows of its own has other columns.
  const own = view['data'] === undefined ? fields : undefined;
  for (const [channel, definition] of Object.entries(isObject(encoding) ? encoding : {})) {
    if (!channels.includes(channel))
      return `encoding.${channel}: there is no such channel${didYouMean(channel, channels)}`;
    for (const each of Array.isArray(definition) ? (definition as unknown[]) : [definition]) {
      const field = isObject(each) ? each['field'] : undefined;
      if (!own || typeof field !== 'string') continue;
      // A member of what a column holds, "a.b" or "a[0]", is beyond what columns say. In "a\\.b" the dot is of the name.
      const column = /^(?:\\.|[^\\.["'])*/s.exec(field)![0].replace(/\\(.)/gs, '$1');
      if (own.includes(column)) continue;
      if (own.includes(field))
        return `encoding.${channel}: "${field}": Vega-Lite takes ".", brackets and quotes for the path of a member: expected ${JSON.stringify(field.replace(/[.[\]\\"']/g, '\\$&'))}, and a title`;
      return `encoding.${channel}: there is no column "${field}"${didYouMean(field, own)}: ${oneOf(own)}`;
    }
  }
  for (const part of parts) {
    const problem = viewProblem(part, own);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** Transforms whose new columns are named by the rows, or by defaults of Vega-Lite. */
const unforeseen = ['pivot', 'lookup', 'fold', 'density', 'quantile', 'regression', 'loess', 'flatten'];

function makesColumnsOfItsOwn(value: unknown): boolean {
  return some(value, (object) =>
    (Array.isArray(object['transform']) ? (object['transform'] as unknown[]) : []).some(
      (transform) => isObject(transform) && unforeseen.some((name) => Object.hasOwn(transform, name)),
    ),
  );
}

/** The names that transforms give to what they make. */
function madeFields(value: unknown): string[] {
  const made: string[] = [];
  some(value, ({ as }) => {
    made.push(...[as].flat().filter((name): name is string => typeof name === 'string'));
    return false;
  });
  return made;
}

/** Whether the condition holds for an object anywhere in the value. */
function some(value: unknown, condition: (object: Members) => boolean): boolean {
  if (Array.isArray(value)) return value.some((each) => some(each, condition));
  return isObject(value) && (condition(value) || Object.values(value).some((each) => some(each, condition)));
}
