/** What a job of a cluster starts: `node exec-node.mjs <directory of the job> <task>`. */
import { runExecNode } from './run-exec-node.ts';

process.exitCode = await runExecNode(process.argv[2] ?? '', Number(process.argv[3] ?? '0'));
