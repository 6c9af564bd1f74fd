/** Two variants of the same experiment, cell by cell. */
import type { ValueOf } from 'repro';
import { fitPowerLaw } from '../../../numerics/statistics/regression.ts';
import type { ModelSummary, VariantComparison } from '../artifacts.ts';
import { readAs, readingsOfText } from '../readings.ts';
import { differences } from './differences.ts';
import type { DifferenceId } from './differences.ts';

type Comparison = ValueOf<typeof VariantComparison>;
type Side = Comparison['rows'][number]['text'];

/** Fewer points leave no residual to judge the slope by. */
const fewestPoints = 3;

/**
 * The losses of both variants at each m, and the exponents fitted to them, for every weight decay. Throws unless both
 * have one model for each gamma and m.
 */
export function compareModels(
  difference: DifferenceId,
  text: readonly ModelSummary[],
  scripts: readonly ModelSummary[],
): Comparison {
  const { quantity, readings } = differences[difference];
  const byText = valuesOf(
    difference,
    text.map((model) => readAs(model, readingsOfText)),
    quantity,
  );
  const byScripts = valuesOf(
    difference,
    scripts.map((model) => readAs(model, readings)),
    quantity,
  );
  const cells = (values: typeof byText): string => values.map(({ gamma, m }) => `gamma ${gamma} m ${m}`).join(', ');
  if (cells(byText) !== cells(byScripts)) {
    throw new Error(
      `${difference}: the text's models are ${cells(byText)}, those of the scripts ${cells(byScripts)}: expected the same`,
    );
  }
  const gammas = [...new Set(byText.map(({ gamma }) => gamma))];
  return {
    difference,
    rows: gammas.map((gamma) => {
      const m = byText.filter((value) => value.gamma === gamma).map((value) => value.m);
      const side = (values: typeof byText): Side => {
        const losses = values.filter((value) => value.gamma === gamma).map(({ loss }) => loss);
        return { losses, exponent: exponentOf(m, losses) };
      };
      return { gamma, m, text: side(byText), scripts: side(byScripts) };
    }),
  };
}

/** By gamma, then m. */
function valuesOf(
  difference: DifferenceId,
  models: readonly ModelSummary[],
  quantity: 'loss' | 'unlearnedLoss',
): { gamma: number; m: number; loss: number }[] {
  const values = models
    .map((model) => ({ gamma: model.gamma, m: model.m, loss: model[quantity] }))
    .sort((a, b) => a.gamma - b.gamma || a.m - b.m);
  values.forEach(({ gamma, m }, i) => {
    if (values[i + 1]?.gamma === gamma && values[i + 1]?.m === m)
      throw new Error(`${difference}: two models with gamma ${gamma} and m ${m}`);
  });
  return values;
}

function exponentOf(m: readonly number[], losses: readonly number[]): Side['exponent'] {
  if (m.length < fewestPoints || losses.some((loss) => !(loss > 0))) return null;
  const { slope, standardError } = fitPowerLaw(m, losses);
  return { value: -slope, standardError };
}
