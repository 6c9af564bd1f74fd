import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LiveArea } from '../../src/cli/reporters/live-area.ts';
import { wantsColour } from '../../src/cli/reporters/colours.ts';
import { ttyReporter } from '../../src/cli/reporters/tty.ts';
import { recomputeProgress } from '../../src/cli/recompute-progress.ts';
import { wrapLine, wrapText } from '../../src/cli/wrap.ts';
import { cutMiddle } from '../../src/graph/shown-name.ts';
import { textWidth, truncate } from '../../src/text-width.ts';
import { table } from '../../src/cli/print.ts';
import { keyOfText } from '../../src/graph/digest.ts';
import type { GraphNode } from '../../src/graph/graph.ts';

/** Keeps what a real terminal would show, for the codes that the live area uses. */
class Screen {
  columns: number;
  rows = 24;
  lines: string[] = [''];
  row = 0;
  writes = 0;
  cursorShown = true;
  constructor(columns: number) {
    this.columns = columns;
  }
  on(): void {}
  off(): void {}
  write(text: string): void {
    this.writes++;
    for (const [token] of text.matchAll(/\x1b\[[0-9;?]*[A-Za-z]|\n|\r|[^\x1b\n\r]+/g)) {
      if (token === '\n') this.lines[++this.row] ??= '';
      else if (token === '\r') continue;
      else if (token === '\x1b[J') this.lines = [...this.lines.slice(0, this.row), ''];
      else if (token === '\x1b[K' || /^\x1b\[\?2026|m$/.test(token)) continue;
      else if (token === '\x1b[?25l') this.cursorShown = false;
      else if (token === '\x1b[?25h') this.cursorShown = true;
      else if (/^\x1b\[\d+A$/.test(token)) this.row -= parseInt(token.slice(2));
      else if (token.startsWith('\x1b')) assert.fail(`unexpected ${JSON.stringify(token)}`);
      else this.lines[this.row] = token;
    }
  }
  get text(): string {
    return this.lines.join('\n').trimEnd();
  }
}

test('the area is replaced in place, one write a frame, none if nothing changed', () => {
  const screen = new Screen(40);
  const area = new LiveArea(screen);
  area.draw(['a', 'b', 'c']);
  area.draw(['d', 'e']);
  area.draw(['d', 'e']);
  assert.equal(screen.text, 'd\ne');
  assert.equal(screen.writes, 2);
  area.draw(['f'], ['kept']);
  area.draw(['g']);
  assert.equal(screen.text, 'kept\ng');
  assert.equal(screen.cursorShown, false);
  area.close(['end']);
  assert.equal(screen.text, 'kept\nend');
  assert.equal(screen.cursorShown, true);
});

test('after the terminal became narrower, the rows its lines now wrap into are taken away too', () => {
  const screen = new Screen(40);
  const area = new LiveArea(screen);
  area.draw(['x'.repeat(39)]);
  screen.columns = 20;
  // As terminals do.
  screen.lines = ['x'.repeat(20), 'x'.repeat(19), ''];
  screen.row = 2;
  area.draw(['y'.repeat(30)]);
  assert.equal(screen.text, `${'y'.repeat(18)}…`);
  area.close();
});

test('lines are cut to the width of the terminal, colours not counted and closed', () => {
  assert.equal(truncate('abcdef', 6), 'abcdef');
  assert.equal(truncate('abcdefg', 6), 'abcde…');
  const red = truncate('\x1b[31mabcdefg\x1b[39m', 6);
  assert.equal(textWidth(red), 6);
  assert.ok(red.endsWith('\x1b[0m'));
});

test('wide characters, marks, colours and links count for the columns that they take', () => {
  assert.equal(textWidth('重み W'), 6);
  assert.equal(textWidth('e\u0301γ±'), 3);
  assert.equal(textWidth('\x1b]8;;file:///a\x1b\\a\x1b]8;;\x1b\\'), 1);
  assert.equal(truncate('重み重み', 6), '重み…');
  assert.equal(truncate('重み重み', 7), '重み重…');
  assert.equal(cutMiddle('train 重み重み重み m=17', 12), 'trai…み m=17');
  assert.equal(
    table([
      ['重み', 1],
      ['ab', 10],
    ]),
    '重み   1\nab    10\n',
  );
  assert.deepEqual(wrapLine(`\x1b[32m${'word '.repeat(4).trim()}\x1b[39m`, 20), [
    '\x1b[32mword word word word\x1b[39m',
  ]);
});

test('NO_COLOR and FORCE_COLOR decide before the terminal does', () => {
  const terminal = { isTTY: true, hasColors: () => true };
  const pipe = { isTTY: false, hasColors: () => false };
  assert.equal(wantsColour(terminal, {}), true);
  assert.equal(wantsColour(terminal, { NO_COLOR: '1', FORCE_COLOR: '1' }), false);
  assert.equal(wantsColour(terminal, { FORCE_COLOR: '0' }), false);
  assert.equal(wantsColour(pipe, {}), false);
  assert.equal(wantsColour(pipe, { FORCE_COLOR: '1' }), true);
});

test('a failure stays above the live area with its cause, log and command; the summary is last and the cursor is back', () => {
  const screen = new Screen(100);
  const reporter = ttyReporter(screen, {
    report: 'reports/quick/report.md',
    earlierPaces: () => new Map(),
    summary: () => ['claims'],
    colour: true,
    links: false,
    annotate: false,
  });
  const node = { name: 'train[m=10]', stage: { name: 'train' }, params: {}, inputs: [] } as unknown as GraphNode;
  reporter.emit({
    type: 'run-started',
    set: 'quick',
    nodes: 2,
    backend: 'auto',
    store: '',
    jobs: 1,
    stages: [{ stage: 'train', nodes: 2, cost: 2, slots: 1 }],
  });
  reporter.emit({
    type: 'node-failed',
    node,
    key: keyOfText('k'),
    message: 'not finite',
    log: 'at step 7',
    rerun: './repro run train',
  });
  reporter.emit({ type: 'run-finished', executed: 1, cached: 0, failed: 1, notRun: 0, interrupted: false, seconds: 2 });
  reporter.close();
  const plain = screen.text;
  assert.match(plain, /at step 7/);
  assert.match(plain, /rerun it with: \.\/repro run train/);
  assert.match(
    plain,
    /1 executed, 0 cached, 1 failed, 0 not run in 2\.0 s\n.*reports\/quick\/report\.md was not updated: fix the failures above and run again\nclaims$/,
  );
  assert.doesNotMatch(plain, /report: /, 'a failed run has no new report');
  assert.equal(screen.cursorShown, true);
});

test('lines that are too long are broken between words, and what follows is indented', () => {
  const line = '  report: parameter changed: claims[0].effect: none -> 0.76 (1 node)';
  assert.deepEqual(wrapLine(line, 40), [
    '  report: parameter changed:',
    '    claims[0].effect: none -> 0.76 (1',
    '    node)',
  ]);
  assert.deepEqual(wrapLine(line, 80), [line]);
  const path = 'a'.repeat(50);
  assert.deepEqual(wrapLine(`at ${path} of it`, 40), [`at ${path}`, '  of it'], 'a long word stays whole');
  assert.equal(wrapText('one two\nthree four', 9), 'one two\nthree\n  four');
});

test('what an audit computes again is said on a terminal, and what is only needed is not counted', () => {
  const node = (name: string): GraphNode => ({ name }) as GraphNode;
  const [drawn, needed] = [node('train[alpha=1,m=17]'), node('sample')];
  const said = (isTTY: boolean): string => {
    let text = '';
    const note = recomputeProgress([drawn], { isTTY, write: (words) => (text += words) });
    const done = { state: 'done', key: keyOfText('k'), outputs: {}, seconds: 3.14 } as const;
    note(needed, done);
    note(drawn, done);
    return text;
  };
  assert.equal(said(true), 'needed: sample, 3.1 s\n1/1 train α=1 m=17, 3.1 s\n');
  assert.equal(said(false), '');
});
