import type { ExponentFit } from './artifacts.ts';

/** The paper shows 9 of its 170 cells; a smaller sweep the same share, at least 3. */
const share = 9 / 170;
const fewest = 3;

/**
 * The cells (gamma, alpha) of power-law frequencies whose W W^T is nearest to representing just the first m features:
 * those with the smallest of the largest ambiguities over m (App. D.5). What Fig. 5b shows, and its claim judges.
 */
export function closestToNoSuperposition<F extends ExponentFit>(fits: readonly F[]): F[] {
  const cells = fits.filter(({ alpha }) => alpha !== null);
  const count = Math.max(fewest, Math.round(share * cells.length));
  return cells
    .sort((a, b) => a.maximumAmbiguity - b.maximumAmbiguity || a.gamma - b.gamma || a.alpha! - b.alpha!)
    .slice(0, count);
}
