// @ts-check
/**
 * `node bench/train/run.mjs [--group small|large] [--configuration PART] [--schedule compressed|full] [--steps N]
 * [--python PATH] [--json FILE] [--keep DIR]`: time of a training step, ours beside dense PyTorch's.
 */
import { runBundled } from './bundled.mjs';

await runBundled('bench/train/speed.ts');
