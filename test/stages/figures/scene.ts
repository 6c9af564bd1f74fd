/** Where the labels and lines of a drawn figure are, from its scenegraph. */
import { withView } from '../../../packages/repro/src/figures/render.ts';
import type { Fragment } from 'repro/figures';

interface Place {
  readonly x: number;
  readonly y: number;
}

export interface Box {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

export interface SceneLine {
  readonly points: readonly Place[];
  readonly dashed: boolean;
}

export interface SceneLabel {
  readonly text: string;
  /** Of the letters, without the halo. */
  readonly box: Box;
  /** The dashed line that was drawn just before: a line of theory is followed by its own label. */
  readonly own: SceneLine | undefined;
}

export interface Panel {
  readonly lines: readonly SceneLine[];
  readonly labels: readonly SceneLabel[];
  readonly points: readonly Box[];
}

interface Item extends Place {
  readonly text?: string;
  readonly stroke?: string | null;
  readonly strokeDash?: readonly number[] | null;
  readonly bounds: Box;
  readonly items?: readonly Mark[];
}

interface Mark {
  readonly marktype: string;
  readonly role?: string;
  readonly items: readonly Item[];
}

/** The panels of a figure: for each group of marks, its lines and the labels among them. */
export async function scenePanels(specification: Fragment): Promise<Panel[]> {
  return withView(specification, async (view) => {
    await view.runAsync();
    const { root } = view.scenegraph() as unknown as { root: Mark };
    const panels: Panel[] = [];
    collect(root, panels);
    return panels;
  });
}

function collect(mark: Mark, panels: Panel[]): void {
  for (const group of mark.marktype === 'group' && !/axis|legend|title/.test(mark.role ?? '') ? mark.items : []) {
    const lines: SceneLine[] = [];
    const labels: SceneLabel[] = [];
    const points: Box[] = [];
    let last: SceneLine | undefined;
    for (const child of group.items ?? []) {
      if (child.marktype === 'line') {
        const line = {
          points: child.items.map(({ x, y }) => ({ x, y })),
          dashed: Boolean(child.items[0]?.strokeDash?.length),
        };
        lines.push(line);
        last = line.dashed ? line : undefined;
      } else if (child.marktype === 'text') {
        for (const { text, bounds, stroke } of child.items)
          if (text && !stroke) {
            const { x1, y1, x2, y2 } = bounds;
            labels.push({ text, box: { x1, y1, x2, y2 }, own: last });
          }
      } else if (child.marktype !== 'group') last = undefined;
      if (child.marktype === 'symbol') points.push(...child.items.map(({ bounds }) => bounds));
      collect(child, panels);
    }
    if (lines.length > 0 || labels.length > 0) panels.push({ lines, labels, points });
  }
}

/** Least distance between a box and a line; 0 where they meet. */
export function distance({ x1, y1, x2, y2 }: Box, { points }: SceneLine): number {
  let least = Infinity;
  for (let i = 1; i < points.length; i++) {
    const [a, b] = [points[i - 1]!, points[i]!];
    const steps = Math.max(1, Math.ceil(Math.hypot(b.x - a.x, b.y - a.y)));
    for (let k = 0; k <= steps; k++) {
      const x = a.x + ((b.x - a.x) * k) / steps;
      const y = a.y + ((b.y - a.y) * k) / steps;
      least = Math.min(least, Math.hypot(Math.max(x1 - x, 0, x - x2), Math.max(y1 - y, 0, y - y2)));
    }
  }
  return least;
}
