/** Every figure, found by listing figures/: what is there can be drawn, and nothing else lists figures. */
import { readdirSync } from 'node:fs';
import type { PaperFigure } from './define.ts';

const folder = new URL('./figures/', import.meta.url);

/** In the paper's order: by number, then letter; those with a name, which go beyond the paper, last. */
export const figureIds: readonly string[] = readdirSync(folder)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -'.ts'.length))
  .sort((a, b) => numberOf(a) - numberOf(b) || (a < b ? -1 : 1));

const found = await Promise.all(
  figureIds.map(async (id) => {
    // A pattern that the bundler resolves: each file becomes a part of the bundle.
    const { figure } = (await import(`./figures/${id}.ts`)) as { figure: PaperFigure };
    if (figure.id !== id) throw new Error(`stages/figures/figures/${id}.ts: id = "${figure.id}": expected "${id}"`);
    return [id, figure] as const;
  }),
);

export const figures: ReadonlyMap<string, PaperFigure> = new Map(found);

/** The file with the code of a figure. */
export function figureCode(id: string): URL {
  return new URL(`${id}.ts`, folder);
}

function numberOf(id: string): number {
  return /^\d/.test(id) ? Number.parseInt(id, 10) : Infinity;
}
