import type { UnitState } from './follow.ts';

/**
 * The units worth following, as indices: two that fire before the first step and never after the last, of the lowest
 * initial biases, and one that still fires, its feature nearest in rank to that of the first. Where fewer die, others
 * of low initial bias are taken. looks: [looks][n].
 */
export function unitsToFollow(looks: readonly (readonly UnitState[])[]): number[] {
  const [first, last] = [looks[0]!, looks.at(-1)!];
  const dies = (i: number): boolean => first[i]!.fires > 0 && last[i]!.fires === 0;
  const byBias = first
    .map((_, i) => i)
    .sort((i, j) => Number(dies(j)) - Number(dies(i)) || first[i]!.bias - first[j]!.bias);
  const followed = byBias.slice(0, 2);
  const distance = (i: number): number => Math.abs(i - followed[0]!);
  const living = byBias.filter((i) => last[i]!.fires > 0 && !followed.includes(i));
  living.sort((i, j) => distance(i) - distance(j) || i - j);
  return [...followed, ...living.slice(0, 1)];
}
