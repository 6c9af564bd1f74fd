import { readFileSync, readdirSync } from 'node:fs';

/** Numbers of the processes of a group that have not ended, less its leader. None where the system does not tell. */
export function membersOf(group: number, folder = '/proc'): string[] {
  return processes(folder).filter((name) => {
    try {
      const stat = readFileSync(`${folder}/${name}/stat`, 'latin1');
      // After the name, which may hold anything.
      const [state, , of] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return Number(of) === group && Number(name) !== group && state !== 'Z';
    } catch {
      return false;
    }
  });
}

/** Asks all processes of the group of this one to stop, but for this one. False where it leads none. */
export function stopGroup(): boolean {
  try {
    process.on('SIGTERM', ignored);
    process.kill(-process.pid, 'SIGTERM');
    return true;
  } catch {
    process.off('SIGTERM', ignored);
    return false;
  }
}

function ignored(): void {
  // It is for the others.
}

function processes(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}
