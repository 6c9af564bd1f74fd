// @ts-check
/**
 * `node test/schedule.mjs CONCURRENCY FILE...` runs test files with node's test runner in the order in which they are named: `node --test`
 * sorts them by name, and then may begin the longest one last.
 */
import { run } from 'node:test';
import { spec } from 'node:test/reporters';

const [concurrency, ...files] = process.argv.slice(2);
run({ files, concurrency: Number(concurrency) })
  .on('test:fail', () => (process.exitCode = 1))
  .compose(new spec())
  .pipe(process.stdout);
