// @ts-check
/**
 * `node bench/train/fidelity.mjs [--finals] [--configuration PART] [--python PATH] [--json FILE]`: whether ours trains what
 * dense PyTorch trains. Exit code 1 if it does not.
 */
import { runBundled } from './bundled.mjs';

await runBundled('bench/train/fidelity.ts');
