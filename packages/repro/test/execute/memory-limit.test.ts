import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { watchMemory } from '../../src/execute/memory-limit.ts';

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
