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

const pageBytes = 4096;

/** Memory that the processes of a group hold, less that of its leader. */
function residentBytes(group: number): number {
  let bytes = 0;
  for (const name of processes()) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
      // After the name, which may hold anything: state, parent, group.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (Number(fields[2]) === group && Number(name) !== group) bytes += Number(fields[21]) * pageBytes;
    } catch {
      // It has ended.
    }
  }
  return bytes;
}

function processes(): string[] {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}
