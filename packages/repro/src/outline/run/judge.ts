/** Judges one claim: the code of the stage `claim`. */
import type { Cells, Estimate, Missing } from '../../claims/evidence.ts';
import type { Part } from '../../claims/definition.ts';
import { judgeClaims } from '../../claims/judge-claims.ts';
import type { RuleName } from '../../claims/rules.ts';
import { plainError } from '../../errors.ts';
import { writeJson } from '../../runtime.ts';
import type { InputFile, StageRun } from '../../runtime.ts';
import { numberAt } from '../number-at.ts';
import type { judgeClaim } from '../claim.ts';

export const run: StageRun<typeof judgeClaim> = async ({ params, inputs, outputs }) => {
  const { id, sentence, source, quantity, rule, expectation, why, path, errorPath } = params;
  const paths = Array.isArray(path) ? path : undefined;
  const part: Part = { quantity: 'value', rule: rule as RuleName, expectation, design: paths?.length ?? 1, why };
  const measured = paths
    ? cellsOf(inputs.values, paths)
    : estimateOf(inputs.value, path as string, inputs.error, errorPath);
  const quantities = [
    measured.kind === 'cells'
      ? { id: 'value', label: quantity, kind: 'cells' as const, measure: () => measured }
      : { id: 'value', label: quantity, kind: 'estimate' as const, measure: () => measured },
  ];
  const claim = { id, sentence, source, by: 'paper' as const, theme: 'Claims', parts: [part] };
  writeJson(outputs.result, judgeClaims([claim], { quantities, coordinates: {} }, {})[0]!);
};

function estimateOf(
  value: InputFile | undefined,
  path: string,
  error: InputFile | undefined,
  errorPath: string | undefined,
): Estimate | Missing {
  if (!value || (errorPath !== undefined && !error))
    return { kind: 'missing', reason: 'What it is measured in was not run here.' };
  const measured = numberAt(value, path);
  const given = error ? numberAt(error, errorPath!) : null;
  // An error that nobody knows may be of any size.
  const isUndefined = given !== null && Number.isNaN(given);
  const standardError = isUndefined ? Number.POSITIVE_INFINITY : given;
  if (standardError !== null && standardError < 0)
    throw plainError(`${error!.node}: ${errorPath} = ${standardError}: expected a standard error, 0 or more`);
  return {
    ...{ kind: 'estimate', value: measured, standardError, errorFrom: null, seeds: null },
    detail: isUndefined ? 'The standard error is undefined.' : '',
    low: standardError === null ? null : measured - 2 * standardError,
    high: standardError === null ? null : measured + 2 * standardError,
    cells: { planned: 1, excluded: 0, used: 1 },
  };
}

/** A list from which some could not be run holds those that could, in their order; the rest are cells without a value. */
function cellsOf(files: readonly InputFile[], paths: readonly string[]): Cells | Missing {
  if (files.length === 0) return { kind: 'missing', reason: 'None of what it is measured in was run here.' };
  const same = paths.every((path) => path === paths[0]);
  if (files.length < paths.length && !same)
    return { kind: 'missing', reason: `${paths.length - files.length} of ${paths.length} values were not run here.` };
  const cells = paths.map((path, i) => ({ value: files[i] ? numberAt(files[i], path) : Number.NaN }));
  return { kind: 'cells', cells, excluded: 0, detail: '' };
}
