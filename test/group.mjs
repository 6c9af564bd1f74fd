// @ts-check
/**
 * Bundled into each group of test files: a file of a group is a suite of its own, which leaves the process as it found it.
 */
import { appendFileSync, readFileSync } from 'node:fs';
import { after, before, describe } from 'node:test';
import { isMainThread } from 'node:worker_threads';

/** The tests of one file. @param {string} path @param {() => unknown} load */
export function testFile(path, load) {
  useMemory();
  describe(path, () => {
    let restore = () => {};
    before(() => {
      restore = remembered();
    });
    if (times) measure(path);
    load();
    // After whatever the file itself does when it ends.
    after(() => restore());
  });
}

/** Temporary files lie in memory, where test/run.mjs found a place. */
function useMemory() {
  const folder = process.env['REPRO_TEST_MEMORY'];
  if (folder) process.env['TMPDIR'] = folder;
}

/** Variables of the environment, the working directory and the listeners of the process, as they are now. */
function remembered() {
  const environment = { ...process.env };
  const directory = process.cwd();
  return () => {
    for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name];
    for (const [name, value] of Object.entries(environment)) if (process.env[name] !== value) process.env[name] = value;
    process.chdir(directory);
  };
}

/** Where `--times` wants to have them. */
const times = process.env['REPRO_TEST_TIMES'];

/** Of a file that has a process of its own: the time of the whole process. @param {string} path */
export function measureProcess(path) {
  useMemory();
  if (times && isMainThread) process.once('exit', () => tell(path, { own: 0, children: 0 }, 0));
}

/** @param {string} path */
function measure(path) {
  let began = processorTime();
  let started = performance.now();
  before(() => {
    began = processorTime();
    started = performance.now();
  });
  after(() => tell(path, began, started));
}

/**
 * Writes down how much processor time a file took, with that of all processes that it started and waited for. Linux
 * only: elsewhere nothing is written.
 * @param {string} program @param {ReturnType<typeof processorTime>} began @param {number} started
 */
function tell(program, began, started) {
  const ended = processorTime();
  if (!times || !began || !ended) return;
  const [own, children] = [ended.own - began.own, ended.children - began.children];
  appendFileSync(times, `${JSON.stringify({ program, own, children, wall: (performance.now() - started) / 1000 })}\n`);
}

/** In seconds, of this process and of those that it waited for. */
function processorTime() {
  let stat;
  try {
    stat = readFileSync('/proc/self/stat', 'utf8');
  } catch {
    return undefined;
  }
  // After the program's name in parentheses: utime, stime, cutime and cstime are fields 14 to 17, in ticks of 10 ms.
  const [user = 0, system = 0, childUser = 0, childSystem = 0] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 15)
    .map(Number);
  return { own: (user + system) / 100, children: (childUser + childSystem) / 100 };
}
