/** Beyond the paper: how a unit dies in the first steps, and how the same unit lives from a zero bias. */
import { fixed, linearAxis, lines, panelTitle, plot, points, rowsOf, sheet, signed } from 'repro/figures';
import type { Figure, Fragment } from 'repro/figures';
import { defineFigure, runFigure } from '../define.ts';
import type { FigureData, FirstStepsContent } from '../figure-data.ts';

export const figure = defineFigure({
  id: 'first-steps',
  title: 'How a unit dies in the first steps',
  section: 'Beyond the paper',
  needs: { firstSteps: true },
  draw,
});
export const run = runFigure(figure);

type Unit = FirstStepsContent['units'][number];
type Quantity = 'bias' | 'norm' | 'gradient';

const [fromNormal, fromZero] = ['b ~ N(0, 1)', 'b = 0'] as const;
const colours = ['#d55e00', '#aa3377', '#0072b2'];
const shapes = ['circle', 'triangle-up', 'square'];

function draw(data: FigureData): Figure {
  const followed = data.firstSteps;
  const { n, m, alpha, gamma, batch, steps, probes, step, silent, units } = followed;
  const names = units.map(nameOf);
  const unit: Fragment = {
    field: 'unit',
    type: 'nominal',
    scale: { domain: names, range: colours.slice(0, names.length) },
    legend: {
      title: 'Unit, and its end from b ~ N(0, 1)',
      orient: 'bottom',
      direction: 'horizontal',
      symbolOpacity: 1,
    },
  };
  const shape: Fragment = { ...unit, scale: { domain: names, range: shapes.slice(0, names.length) } };
  const start: Fragment = {
    field: 'start',
    type: 'nominal',
    scale: {
      domain: [fromNormal, fromZero],
      range: [
        [1, 0],
        [4, 2],
      ],
    },
    legend: { title: 'Start', orient: 'bottom', direction: 'horizontal' },
  };
  const x = linearAxis('Step', [0, steps], { tickCount: 4 });
  const marked = step.filter((_, look) => look % Math.ceil(step.length / 7) === 0);

  const panel = (quantity: Quantity, title: string): Fragment => {
    const rows = rowsOf(
      coursesOf(followed, quantity),
      { unit: (row) => row.unit, start: (row) => row.start, x: (row) => row.step, y: (row) => row.value },
      'unit',
      'start',
      'x',
    );
    const values = rows.map(({ y }) => Number(y));
    const [low, high] = [Math.min(...values, 0), Math.max(...values)];
    const axis = linearAxis(null, [low * 1.05, high + 0.05 * (high - low)]);
    // Shows a zero, which a logarithm cannot, and still sets small gradients apart from it.
    const y = quantity === 'gradient' ? { ...axis, scale: { ...(axis['scale'] as Fragment), type: 'sqrt' } } : axis;
    const layers = [
      lines(rows, { color: unit, strokeDash: start }),
      points(
        rows.filter((row) => marked.includes(Number(row['x']))),
        { color: unit, shape },
        { size: 22 },
      ),
    ];
    return { title: panelTitle(title), ...plot(x, y, layers, { width: 140, height: 130 }) };
  };

  return {
    specification: sheet(
      data.title,
      `n = ${n}, m = ${m}, α = ${signed(alpha, 3)}, γ = ${signed(gamma, 3)}, ${steps} steps of ${batch} samples`,
      {
        hconcat: [
          panel('bias', 'bias bᵢ'),
          panel('norm', 'row norm ‖Wᵢ‖'),
          panel('gradient', 'gradient of its error (√ scale)'),
        ],
        spacing: 14,
      },
    ),
    caption:
      `After the last step ${silent.normal.at(-1)!} of ${n} units fire on none of ${probes} held-out samples if the biases are drawn from N(0, 1), and ${silent.zero.at(-1)!} of ${n} if they start at zero; before the first step ${silent.normal[0]!} and ${silent.zero[0]!}. ` +
      `The first W and all samples are the same. ${units.map((one) => courseInWords(one, followed)).join(' ')} ` +
      `Solid: from random biases; dashed: the same units from zero. The gradient is that of the unit's own squared error with respect to its row and its bias: once the unit never fires it is zero, and its error can no longer open the unit again. What still moves its row is Adam's momentum, weight growth and the errors of other units.`,
  };
}

function nameOf({ feature, lives }: Unit): string {
  return `${feature} (${lives ? 'lives' : 'dies'})`;
}

function coursesOf({ units, step }: FirstStepsContent, quantity: Quantity) {
  return units.flatMap((one) =>
    (
      [
        ['normal', fromNormal],
        ['zero', fromZero],
      ] as const
    ).flatMap(([side, start]) =>
      step.map((taken, look) => ({ unit: nameOf(one), start, step: taken, value: one[side][quantity][look]! })),
    ),
  );
}

/** "Unit 38 starts at b = −1.35 and is silent from step 140 on." */
function courseInWords({ feature, normal: { bias, fires } }: Unit, { step }: FirstStepsContent): string {
  const began = `Unit ${feature} starts at b = ${fixed(bias[0]!)}`;
  const lastFiring = fires.findLastIndex((count) => count > 0);
  return lastFiring === fires.length - 1
    ? `${began} and still fires at the end.`
    : `${began} and fires no more from step ${step[lastFiring + 1]!} on.`;
}
