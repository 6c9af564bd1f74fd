/** Of the seeds of a curve, those that have as many m as the one that has most: half a curve would weigh on some m alone. */
export function wholeSeeds<M extends { readonly replicate: number }>(models: readonly M[]): M[] {
  const bySeed = [...new Set(models.map(({ replicate }) => replicate))].map((seed) =>
    models.filter(({ replicate }) => replicate === seed),
  );
  const most = Math.max(0, ...bySeed.map((seed) => seed.length));
  return bySeed.filter((seed) => seed.length === most).flat();
}
