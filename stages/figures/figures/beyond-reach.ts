/** Beyond the paper: the part of the loss made by features whose initial bias is below -2. */
import { fixed, hollow, lines, logAxis, logDomain, plot, points, sheet, signed, some, theory } from 'repro/figures';
import type { Figure, Fragment, Row } from 'repro/figures';
import { mean } from '../../../numerics/statistics/moments.ts';
import { beyondReachMeaning, expectedIfSilent, isOfPaper, ifSilent } from '../../toy/beyond-reach.ts';
import type { ModelSummary } from '../../toy/artifacts.ts';
import { publishedFeatures } from '../../published/points.ts';
import { defineFigure, runFigure } from '../define.ts';
import { gammasOf, scaleOf, widthsOf } from '../figure-data.ts';
import type { FigureData } from '../figure-data.ts';
import { frequencyMarks } from '../parts/colours.ts';
import { frequencyNames } from '../parts/palettes.ts';
import { publishedNote } from '../parts/published.ts';
import { widthAxis } from '../parts/width-ticks.ts';
import { seedsByWidth } from '../parts/zero-biases.ts';

export const figure = defineFigure({
  id: 'beyond-reach',
  title: 'Loss of features with an initial bias below −2',
  section: 'Beyond the paper',
  needs: { experiments: ['large'], superposition: 'strong', published: true },
  draw,
});
export const run = runFigure(figure);

interface Reached extends Row {
  readonly frequencies: string;
  readonly x: number;
  readonly y: number;
}

function draw(data: FigureData): Figure {
  const strong = data
    .sweep('large')
    .models.filter(
      (model) => model.gamma < 0 && model.density === 1 && model.beyondReach && isOfPaper(model.initialBias),
    );
  const models = some(strong, 'strong models in "large" that began with random biases');
  const present = Object.keys(frequencyNames).filter((name) => models.some((model) => model.frequencies === name));
  const names = present.map((name) => frequencyNames[name]!);
  const whole = meanByWidth(models, ({ loss }) => loss);
  // on a logarithmic axis; a model without such a feature has no point
  const beyond = meanByWidth(models, ({ beyondReach }) => beyondReach!.loss).filter(({ y }) => y > 0);
  const silent = meanByWidth(models, ({ beyondReach }) => ifSilent(beyondReach!)).filter(({ y }) => y > 0);
  const published = data
    .published('largeLosses')
    .map(({ frequencies, regime, m, loss }) => ({ frequencies: frequencyNames[frequencies]!, regime, x: m, y: loss }))
    .filter(
      ({ frequencies, regime, x }) =>
        regime === 'strong' && whole.some((row) => row.frequencies === frequencies && row.x === x),
    );
  const expected = expectedIfSilent(1);
  const widths = widthsOf(models);
  const seeds = new Set(models.map(({ replicate }) => replicate)).size;
  const [first, last] = [widths[0]!, widths.at(-1)!];
  const marks = frequencyMarks(present);
  const color = { color: marks.color };
  const axis = (title: string, values: readonly number[]): Fragment => logAxis(title, logDomain(values, 1.3));
  const x = widthAxis(widths);
  const bare = { ...x, title: null, axis: { ...(x['axis'] as Fragment), labels: false } };
  const panels = [
    plot(
      bare,
      axis(
        'Loss L',
        [...whole, ...published].map(({ y }) => y),
      ),
      [
        lines(whole, color, { opacity: 0.6 }),
        ...(published.length ? [hollow(published, marks)] : []),
        points(whole, marks),
      ],
      { height: 190 },
    ),
    plot(
      x,
      axis('Part beyond reach', [expected / 2, ...[...beyond, ...silent].map(({ y }) => y)]),
      [
        ...theory(
          [first, last].map((at) => ({ x: at, y: expected })),
          { x: last, y: expected, text: 'expected', align: 'right', dy: -9 },
        ),
        lines(silent, color, { opacity: 0.6, strokeDash: [1, 2] }),
        lines(beyond, color, { opacity: 0.6 }),
        points(beyond, marks),
      ],
      { height: 130 },
    ),
  ];
  const shares = names.flatMap((name) => {
    const at = ({ frequencies, x: m }: Reached): boolean => frequencies === name && m === last;
    const all = whole.find(at);
    return all ? [`${fixed((100 * (beyond.find(at)?.y ?? 0)) / all.y, 0)}% (${name})`] : [];
  });
  return {
    specification: sheet(
      data.title,
      `${scaleOf(models)}, γ = ${gammasOf(models)
        .map((gamma) => signed(gamma, 3))
        .join(', ')}`,
      { vconcat: panels, spacing: 10 },
    ),
    caption:
      `At m = ${last} features beyond reach make ${shares.join(', ')} of the loss. ${beyondReachMeaning} Top: loss against model dimension at strong superposition. Bottom: the part of it made at the output units of these features; dotted: what it would be if none of them ever fired in that model; dashed: the same in expectation over the biases, ${fixed(expected, 3)}.` +
      (seeds > 1 ? ' Means over seeds.' : '') +
      (published.length ? publishedNote(`n = ${publishedFeatures.large}`) : ''),
  };
}

/** By frequencies and width, the mean over seeds. */
function meanByWidth(models: readonly ModelSummary[], value: (model: ModelSummary) => number): Reached[] {
  return Object.entries(frequencyNames).flatMap(([name, frequencies]) =>
    seedsByWidth(models.filter((model) => model.frequencies === name)).map(({ m, seeds }) => ({
      frequencies,
      x: m,
      y: mean(seeds.map(value)),
    })),
  );
}
