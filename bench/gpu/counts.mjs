// @ts-check
/** `node bench/gpu/counts.mjs`: prints what a step of each group of the paper does, and how long that is predicted to take. */
import { runBundled } from '../train/bundled.mjs';

await runBundled('bench/gpu/counts.ts');
