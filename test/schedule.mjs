// @ts-check
/**
 * `node test/schedule.mjs CONCURRENCY FLAGS FILE...` runs bundles of tests with node's test runner in the order in which they are named: `node --test`
 * sorts them by name, and then may begin the longest one last.
 */
import { run } from 'node:test';
import { spec } from 'node:test/reporters';

const [concurrency, flags = '[]', ...files] = process.argv.slice(2);
// For the processes of the files alone: here, `--test-name-pattern` would compare names of files.
process.execArgv.push(.../** @type {string[]} */ (JSON.parse(flags)));
run({ files, concurrency: Number(concurrency) })
  .on('test:fail', () => (process.exitCode = 1))
  .compose(new spec())
  .pipe(process.stdout);
