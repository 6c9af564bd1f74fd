// @ts-check
/**
 * `node bench/train/zero-bias.mjs [--python PATH] [--json FILE]`: three small models from zero biases and from random
 * ones, trained by ours, by the dense reference in double precision and, where there is one, by PyTorch. Exit code 1 if
 * final losses differ by more than the seeds do. `--json stages/report/trainers.json`: what the report tells of them.
 */
import { runBundled } from './bundled.mjs';

await runBundled('bench/train/zero-bias.ts');
