// @ts-check
/**
 * Imported by each process of a test file under `test/run.mjs --times`: on exit it writes down how much processor time the file
 * took, with that of all processes that it started and waited for. Linux only: elsewhere nothing is written.
 */
import { appendFileSync, readFileSync } from 'node:fs';
import { threadId } from 'node:worker_threads';

const into = process.env['REPRO_TEST_TIMES'];
const program = process.argv[1] ?? '';
if (into && threadId === 0 && process.env['NODE_TEST_CONTEXT'] && program.endsWith('.test.mjs'))
  process.once('exit', () => {
    let stat;
    try {
      stat = readFileSync('/proc/self/stat', 'utf8');
    } catch {
      return;
    }
    // After the program's name in parentheses: utime, stime, cutime and cstime are fields 14 to 17, in ticks of 10 ms.
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 15)
      .map(Number);
    const [own, children] = [(fields[0] ?? 0) + (fields[1] ?? 0), (fields[2] ?? 0) + (fields[3] ?? 0)];
    appendFileSync(
      into,
      `${JSON.stringify({ program, own: own / 100, children: children / 100, wall: process.uptime() })}\n`,
    );
  });
