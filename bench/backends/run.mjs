// @ts-check
/** `node bench/backends/run.mjs [--batch N]`: the trainers that work here side by side, on the same seeds. */
import { runBundled } from '../train/bundled.mjs';

await runBundled('bench/backends/curves.ts');
