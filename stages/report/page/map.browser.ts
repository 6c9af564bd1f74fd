/** The map of exponents as a grid: a cell opens its loss against m with the fit, its models, their nodes and the command. */

interface Model {
  readonly m: number;
  readonly seed: number;
  readonly loss: number;
  readonly represented: number;
  readonly strong: number;
  readonly norm: readonly [number, number, number];
  /** First digits of the digest of its measurement, by which its node is found. */
  readonly node: string;
}

interface Fit {
  readonly alpha: number;
  readonly gamma: number;
  readonly exponent: string;
  readonly interval: string;
  readonly errorFrom: string;
  readonly r2: number;
  readonly slope: number;
  readonly intercept: number;
  readonly fitted: readonly number[];
  readonly models: readonly Model[];
}

type Nodes = Readonly<Record<string, readonly (readonly [inside: string, key: string, output: string])[]>>;

const short = (value: number): string => String(Number(value.toFixed(3))).replace('-', '−');
const three = (value: number): string => String(Number(value.toPrecision(3))).replace('-', '−');

/** Output digest -> the node that made it; empty where the page was not published. */
const made = new Map<string, { readonly name: string; readonly key: string }>();
const published = document.querySelector('#repro-nodes')?.textContent;
if (published)
  for (const [stage, nodes] of Object.entries(JSON.parse(published) as Nodes))
    for (const [inside, key, output] of nodes)
      if (output) made.set(output, { name: inside ? `${stage}[${inside}]` : stage, key });

function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Partial<HTMLElementTagNameMap[K]>,
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

function shape(tag: string, attributes: Readonly<Record<string, string | number>>, text = ''): SVGElement {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.textContent = text;
  return made;
}

/** Loss against m, both logarithmic, with the fitted line; models that the fit leaves out are hollow. */
function plot({ models, slope, intercept, fitted }: Fit, label: string): SVGElement {
  const [width, height, left, bottom] = [360, 230, 46, 34];
  const svg = shape('svg', { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': label });
  const xs = models.map(({ m }) => Math.log(m));
  const line = (m: number): number => Math.exp(intercept - slope * Math.log(m));
  const ys = [...models.map(({ loss }) => loss), ...fitted.map(line)].filter((y) => y > 0).map(Math.log);
  const scale = (low: number, high: number, from: number, to: number) => {
    const margin = 0.06 * (high - low || 1);
    return (value: number): number =>
      from + ((Math.log(value) - low + margin) / (high - low + 2 * margin)) * (to - from);
  };
  const x = scale(Math.min(...xs), Math.max(...xs), left, width - 8);
  const y = scale(Math.min(...ys), Math.max(...ys), height - bottom, 10);
  const ink = { stroke: 'currentColor', fill: 'none' };
  svg.append(shape('path', { ...ink, d: `M${left},8V${height - bottom}H${width - 4}` }));
  const text = { fill: 'currentColor', 'font-size': 12 };
  for (const m of new Set(models.map((model) => model.m)))
    svg.append(shape('text', { ...text, x: x(m), y: height - bottom + 15, 'text-anchor': 'middle' }, String(m)));
  const low = Math.exp(Math.min(...ys));
  const high = Math.exp(Math.max(...ys));
  for (const value of new Set([low, Math.sqrt(low * high), high].map((one) => Number(one.toPrecision(2)))))
    svg.append(
      shape('text', { ...text, x: left - 5, y: y(value) + 4, 'text-anchor': 'end' }, three(value)),
      shape('path', { ...ink, d: `M${left - 3},${y(value)}h3` }),
    );
  svg.append(
    shape('text', { ...text, x: (left + width) / 2, y: height - 4, 'text-anchor': 'middle' }, 'model dimension m'),
    shape('text', { ...text, x: left + 6, y: 18 }, 'loss L'),
  );
  const ends = [fitted[0]!, fitted.at(-1)!];
  svg.append(
    shape('path', { ...ink, 'stroke-dasharray': '5 3', d: `M${ends.map((m) => `${x(m)},${y(line(m))}`).join('L')}` }),
  );
  for (const { m, loss } of models) {
    const used = fitted.includes(m);
    svg.append(
      shape('circle', { cx: x(m), cy: y(loss), r: 4, stroke: 'currentColor', fill: used ? 'currentColor' : 'none' }),
    );
  }
  return svg;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): HTMLTableElement {
  const line = (tag: 'th' | 'td', cells: readonly string[]): HTMLTableRowElement =>
    element('tr', {}, ...cells.map((cell) => element(tag, { textContent: cell })));
  return element(
    'table',
    {},
    element('thead', {}, line('th', head)),
    element('tbody', {}, ...rows.map((row) => line('td', row))),
  );
}

function detail(fit: Fit): readonly Node[] {
  const title = `α = ${short(fit.alpha)}, γ = ${short(fit.gamma)}: αₘ = ${fit.exponent}`;
  const nodes = fit.models.map(({ node }) => made.get(node));
  const rows = fit.models.map(({ m, seed, loss, represented, strong, norm }, i) => [
    seed ? `${m} (seed ${seed + 1})` : String(m),
    three(loss),
    three(represented),
    three(strong),
    `${three(norm[0])} – ${three(norm[1])} – ${three(norm[2])}`,
    nodes[i]?.key ?? '',
  ]);
  const first = nodes.find((node) => node !== undefined);
  const command = first
    ? [
        element(
          'p',
          {},
          'Compute one again: ',
          element('code', { textContent: `./repro run '${first.name}' --force` }),
          '; what it was made of: ',
          element('code', { textContent: `./repro show ${first.key}` }),
        ),
      ]
    : [];
  const models = table(['m', 'loss', 'φ½', 'φ₁', 'norms: least – mean – largest', 'key'], rows);
  const region = element('div', { className: 'wide', tabIndex: 0 }, models);
  region.setAttribute('role', 'region');
  region.setAttribute('aria-label', 'Models of the cell');
  return [
    element('h3', { textContent: title }),
    element('p', {
      className: 'note',
      textContent: `95% interval ${fit.interval}, from the ${fit.errorFrom === 'seeds' ? 'spread between seeds' : 'scatter about the line'}; R² = ${three(fit.r2)}.`,
    }),
    plot(fit, `Loss against m at ${title}`),
    region,
    ...command,
  ];
}

function openMap(map: HTMLElement): void {
  const data = document.getElementById(`${map.dataset['map']}-data`)?.textContent;
  const grid = map.querySelector<HTMLTableElement>('table');
  const place = map.querySelector<HTMLElement>('.map-detail');
  if (!data || !grid || !place) return;
  const fits = JSON.parse(data) as readonly Fit[];
  const rows = [...grid.tBodies[0]!.rows].map((row) => [...row.cells].slice(1));
  grid.setAttribute('role', 'grid');
  map.parentElement?.querySelectorAll<HTMLElement>('.map-hint').forEach((hint) => (hint.hidden = false));
  let chosen: HTMLTableCellElement | undefined;
  const choose = (cell: HTMLTableCellElement | undefined, focus: boolean): void => {
    const index = cell?.dataset['fit'];
    if (!cell || index === undefined || cell === chosen) return;
    for (const [one, on] of [
      [chosen, false],
      [cell, true],
    ] as const) {
      one?.setAttribute('aria-selected', String(on));
      if (one) one.tabIndex = on ? 0 : -1;
    }
    chosen = cell;
    if (focus) cell.focus();
    place.replaceChildren(...detail(fits[Number(index)]!));
  };
  const moves: Readonly<Record<string, readonly [number, number]>> = {
    ArrowUp: [-1, 0],
    ArrowDown: [1, 0],
    ArrowLeft: [0, -1],
    ArrowRight: [0, 1],
  };
  rows.forEach((row, r) =>
    row.forEach((cell, c) => {
      cell.setAttribute('role', 'gridcell');
      cell.tabIndex = -1;
      cell.addEventListener('click', () => choose(cell, true));
      cell.addEventListener('pointerenter', ({ pointerType }) => pointerType === 'mouse' && choose(cell, false));
      cell.addEventListener('focus', () => choose(cell, false));
      cell.addEventListener('keydown', (event) => {
        const [down, right] = moves[event.key] ?? [];
        const column = event.key === 'Home' ? 0 : event.key === 'End' ? row.length - 1 : c + (right ?? 0);
        if (down === undefined && event.key !== 'Home' && event.key !== 'End') return;
        event.preventDefault();
        choose(rows[r + (down ?? 0)]?.[column], true);
      });
    }),
  );
  // The cell nearest to the centre of the claim: α = 1 under the strongest superposition.
  const start = rows.flat().find((cell) => fits[Number(cell.dataset['fit'])]?.alpha === 1);
  choose(start ?? rows.flat().find((cell) => cell.dataset['fit'] !== undefined), false);
}

document.querySelectorAll<HTMLElement>('[data-map]').forEach(openMap);
