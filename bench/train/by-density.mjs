// @ts-check
/**
 * `node bench/train/by-density.mjs [--configuration PART] [--python PATH]`: time of a step of the widest models as the
 * gradient of the pre-activations becomes sparse, ours beside dense PyTorch's.
 */
import { runBundled } from './bundled.mjs';

await runBundled('bench/train/by-density.ts');
