import { readFileSync } from 'node:fs';
import { membersOf } from './process-group.ts';

const lookMilliseconds = 200;

/**
 * Calls back once the processes of a group take more memory than the limit, in bytes, all together. Returns a function that
 * ends watching. Where the system does not tell (no /proc) it does nothing.
 */
export function watchMemory(group: number, limit: number, exceeded: (bytes: number) => void): () => void {
  const timer = setInterval(() => {
    const bytes = residentBytes(group);
    if (bytes <= limit) return;
    clearInterval(timer);
    exceeded(bytes);
  }, lookMilliseconds);
  return () => clearInterval(timer);
}

/**
 * Memory that the processes of a group hold, less that of its leader. `folder`: where the system tells. Not by the number of
 * pages in `stat`, whose size differs: 4 KiB, and up to 64 KiB on ARM.
 */
export function residentBytes(group: number, folder = '/proc'): number {
  let bytes = 0;
  for (const name of membersOf(group, folder)) {
    try {
      const resident = /^VmRSS:\s*(\d+) kB$/m.exec(readFileSync(`${folder}/${name}/status`, 'latin1'));
      bytes += Number(resident?.[1] ?? 0) * 1024;
    } catch {
      // It has ended.
    }
  }
  return bytes;
}
