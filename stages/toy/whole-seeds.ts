/**
 * Of the seeds of a curve, those that have as many m as the one that has most, and the same ones: half a curve would
 * weigh on some m alone, and so would two halves.
 */
export function wholeSeeds<M extends { readonly replicate: number; readonly m: number }>(models: readonly M[]): M[] {
  const bySeed = [...new Set(models.map(({ replicate }) => replicate))].map((seed) =>
    models.filter(({ replicate }) => replicate === seed),
  );
  const longest = bySeed.reduce<M[]>((best, seed) => (seed.length > best.length ? seed : best), []);
  const widths = new Set(longest.map(({ m }) => m));
  return bySeed.filter((seed) => seed.length === longest.length && seed.every(({ m }) => widths.has(m))).flat();
}
