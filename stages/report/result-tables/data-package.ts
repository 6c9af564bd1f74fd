/** The tables described as a Frictionless data package (https://specs.frictionlessdata.io): what each column holds, and its type. */
import type { Column } from './columns.ts';
import type { Table } from './tables.ts';

export interface DataPackage {
  readonly profile: 'tabular-data-package';
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly resources: readonly object[];
}

/** `set`: the parameter set whose results the tables are. */
export function dataPackage(set: string, tables: readonly Table[]): DataPackage {
  return {
    profile: 'tabular-data-package',
    name: set.toLowerCase().replaceAll(/[^a-z0-9._-]/g, '-'),
    title: `Results of the parameter set ${set}`,
    description:
      'Toy models of "Superposition Yields Robust Neural Scaling": what was measured on each, and how their losses fall with the model dimension. Numbers have nine significant digits; an empty cell is a value that does not exist.',
    resources: tables.map(({ name, title, columns, key }) => ({
      profile: 'tabular-data-resource',
      name,
      title,
      path: `${name}.csv`,
      format: 'csv',
      mediatype: 'text/csv',
      encoding: 'utf-8',
      schema: { fields: columns.map(field), missingValues: [''], primaryKey: key },
    })),
  };
}

function field({ name, type, description, optional, words }: Column): object {
  return {
    name,
    type,
    description,
    constraints: { ...(!optional && { required: true }), ...(words && { enum: words }) },
  };
}
