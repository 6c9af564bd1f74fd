/** Figs. 8a, 19 and 20: overlaps and norms of the rows of language-model heads. */
import { exp, ln } from '../../../numerics/elementary.ts';
import { linearAxis, logAxis, logDomain } from '../axes.ts';
import { familyColour, familyOrder } from '../families.ts';
import { fixed, mean, span } from '../figure-data.ts';
import type { Figure, FigureData } from '../figure-data.ts';
import { errorBars, inline, labels, lines, plot, points, sheet, theory } from '../marks.ts';
import { ink } from '../theme.ts';
import type { Fragment } from '../theme.ts';
import { widthTicks } from '../width-ticks.ts';

export function figure8a(data: FigureData): Figure {
  const { heads, overlap } = data.languageEvidence('heads');
  const rows = heads.map(({ m, meanSquare, family, model }) => ({ x: 1 / m, y: meanSquare, family, model }));
  const inverse = rows.map(({ x }) => x);
  const [low, high] = [Math.min(...inverse) / 1.15, Math.max(...inverse) * 1.15];
  const at = (share: number): number => exp(ln(low) + share * (ln(high) - ln(low)));
  // Through the middle of the points, with the slope that random directions have.
  const middle = exp(mean(rows.map(({ x, y }) => ln(y) - ln(x))));
  const guide = theory(
    [low, high].map((x) => ({ x, y: middle * x })),
    { x: at(0.7), y: middle * at(0.7), text: 'slope 1', align: 'right', dx: -10, dy: -12 },
  );
  const random = lines(
    [low, high].map((x) => ({ x, y: x })),
    {},
    { color: '#888888', strokeDash: [2, 3] },
  );
  const fitted = overlap
    ? [
        lines(
          [low, high].map((x) => ({ x, y: exp(overlap.intercept - overlap.slope * ln(x)) })),
          {},
          { color: ink, strokeWidth: 1.2, opacity: 0.6 },
        ),
      ]
    : [];
  const y = logAxis('Mean square overlap', logDomain([...rows.map((row) => row.y), low, high], 1.4));
  const layers = [
    random,
    ...labels([{ x: at(0.35), y: at(0.35), text: 'random directions, 1/m', dx: 12, dy: 14, colour: '#666666' }]),
    ...fitted,
    ...guide,
    points(rows, {
      color: familyColour(
        rows.map(({ family }) => family),
        true,
      ),
    }),
  ];
  const scaled = heads.map(({ m, meanSquare }) => m * meanSquare);
  const slope = overlap
    ? `Log-log slope on m of all ${overlap.count}: ${fixed(overlap.slope)} ± ${fixed(overlap.standardError)} (solid). `
    : '';
  return {
    specification: sheet(
      data.title,
      `${heads.length} heads, m = ${span(
        heads.map(({ m }) => m),
        0,
      )}`,
      plot(logAxis('Inverse model dimension 1/m', [low, high]), y, layers),
    ),
    caption: `Mean of (Wᵢ·Wⱼ)²/(‖Wᵢ‖²‖Wⱼ‖²) over all pairs of rows of each head, exact by its Gram matrix. ${slope}The overlap times m, which is 1 for random directions (dotted), runs from ${fixed(Math.min(...scaled), 1)} to ${fixed(Math.max(...scaled), 1)}. Dashed: slope 1.`,
  };
}

export function figure19(data: FigureData): Figure {
  const { summary, normHistogram } = data.languageEvidence('head');
  const { from, width, counts } = normHistogram;
  const bins = counts.map((count, i) => ({
    low: from + i * width,
    high: from + (i + 1) * width,
    x: from + (i + 0.5) * width,
    y: count / (summary.directed * width),
  }));
  const top = Math.max(...bins.map((bin) => bin.y));
  const bars: Fragment = {
    data: inline(bins.map(({ low, high, y }) => ({ low, high, y, zero: 0 }))),
    mark: { type: 'rect', color: '#7fa8d1', stroke: '#33557a', strokeWidth: 0.4 },
    encoding: {
      x: { field: 'low', type: 'quantitative' },
      x2: { field: 'high' },
      y: { field: 'y', type: 'quantitative' },
      y2: { field: 'zero' },
    },
  };
  const { norm, m, n, model } = summary;
  const axis = linearAxis('Row norm ‖Wᵢ‖', [Math.max(0, from - 2 * width), from + (counts.length + 2) * width], {
    format: '~g',
  });
  const peak = bins.reduce((a, b) => (b.y > a.y ? b : a));
  return {
    specification: sheet(
      data.title,
      `${model}: ${n} rows of width ${m}`,
      plot(axis, linearAxis('Density', [0, top * 1.06], { format: '~g' }), [bars]),
    ),
    caption:
      `Density of the row norms of the head of ${model}: mean ${fixed(norm.mean)}, standard deviation ${fixed(norm.standardDeviation)}, from ${fixed(norm.minimum)} to ${fixed(norm.maximum)}, highest at ${fixed(peak.x)}. ` +
      (norm.minimum > 0 ? 'No row is zero.' : 'Some rows are zero.'),
  };
}

export function figure20(data: FigureData): Figure {
  const { heads, norms } = data.languageEvidence('heads');
  const families = familyOrder(heads.map(({ family }) => family));
  const panels = families.map((family) => {
    const own = heads.filter((head) => head.family === family);
    const rows = own.map(({ m, norm }) => ({
      x: m,
      y: norm.mean,
      low: norm.mean - norm.standardDeviation,
      high: norm.mean + norm.standardDeviation,
      least: norm.minimum,
      most: norm.maximum,
      family,
    }));
    const y = linearAxis('Row norm', [0, 1.06 * Math.max(...rows.map(({ most, high }) => Math.max(most, high)))], {
      format: '~g',
    });
    const color = { color: familyColour(families, false) };
    const extremes = (field: 'least' | 'most', colour: string): Fragment =>
      points(
        rows.map((row) => ({ x: row.x, y: row[field] })),
        {},
        { size: 22, color: colour, stroke: null },
      );
    const layers = [
      errorBars(rows, y, color),
      points(rows, color),
      extremes('most', '#a50026'),
      extremes('least', '#333333'),
    ];
    return {
      title: { text: family, fontSize: 12, fontWeight: 'normal', anchor: 'middle', offset: 6, frame: 'group' },
      ...plot(widthTicks(own.map(({ m }) => m)), y, layers, { width: 230, height: 170 }),
    };
  });
  const slopes = norms.flatMap(({ family, slope, standardError }) =>
    slope === null ? [] : [`${fixed(slope)}${standardError ? ` ± ${fixed(standardError)}` : ''} (${family})`],
  );
  const zero = heads.filter(({ norm }) => !(norm.minimum > 0)).map(({ model }) => model);
  return {
    specification: sheet(data.title, `${heads.length} heads`, { concat: panels, columns: 2, spacing: 24 }),
    caption:
      `Mean row norm (circles, bars: standard deviation), the largest (red) and the smallest (black) of each head. ` +
      `${slopes.length ? `Log-log slope of the mean norm on m: ${slopes.join(', ')}. ` : ''}${zero.length ? `Zero rows: ${zero.join(', ')}.` : 'The smallest norm is above 0 in every head.'}`,
  };
}
