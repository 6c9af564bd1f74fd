import { readFileSync, readdirSync } from 'node:fs';

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
  for (const name of processes(folder)) {
    try {
      const stat = readFileSync(`${folder}/${name}/stat`, 'latin1');
      // After the name, which may hold anything: state, parent, group.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (Number(fields[2]) !== group || Number(name) === group) continue;
      const resident = /^VmRSS:\s*(\d+) kB$/m.exec(readFileSync(`${folder}/${name}/status`, 'latin1'));
      // A process that has ended, and that nobody waited for, has none.
      bytes += Number(resident?.[1] ?? 0) * 1024;
    } catch {
      // It has ended.
    }
  }
  return bytes;
}

function processes(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}
