import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { residentBytes, watchMemory } from '../../src/execute/memory-limit.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

test('memory is told in bytes, whatever the size of a page', () => {
  using directory = temporaryDirectory();
  const write = (pid: number, group: number, status: string): void => {
    mkdirSync(join(directory.path, String(pid)));
    const stat = ['S', 1, group, ...Array.from({ length: 18 }, () => 0), 3, 0];
    writeFileSync(join(directory.path, String(pid), 'stat'), `${pid} (a ) b) ${stat.join(' ')}`);
    writeFileSync(join(directory.path, String(pid), 'status'), `Name:\ta\nState:\tS\n${status}`);
  };
  write(7, 7, 'VmRSS:\t    1024 kB\n');
  write(8, 7, 'VmRSS:\t     192 kB\n');
  write(9, 7, 'VmRSS:\t      64 kB\n');
  write(10, 7, '');
  write(11, 11, 'VmRSS:\t     512 kB\n');
  assert.equal(residentBytes(7, directory.path), 256 * 1024);
  assert.equal(residentBytes(7, join(directory.path, 'absent')), 0);
});

test(
  'memory is that of a whole process group, and is told once it exceeds the limit',
  { timeout: 120_000 },
  async () => {
    // tail keeps its input in memory, since no line of it ends.
    const child = spawn('sh', ['-c', '{ head -c 80000000 /dev/zero; sleep 120; } | tail'], {
      detached: true,
      stdio: 'ignore',
    });
    try {
      const bytes = await new Promise<number>((resolve) => void watchMemory(child.pid!, 40e6, resolve));
      assert.ok(bytes > 40e6 && bytes < 200e6, String(bytes));
    } finally {
      process.kill(-child.pid!, 'SIGKILL');
    }
  },
);
