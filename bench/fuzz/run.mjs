// @ts-check
import { runBundled } from '../train/bundled.mjs';

await runBundled('bench/fuzz/fuzz-readers.ts');
