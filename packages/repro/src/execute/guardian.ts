import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';

/**
 * A shell that waits for the end of this process, however it comes, and then kills the process groups of the jobs that
 * were running: a run that is killed leaves nothing behind. What is in no group is found by its environment, twice: a
 * container may begin after who asked for it has ended. It knows of the groups by lines: `+ 123`, `- 123`.
 */
const script = `
trap '' INT TERM HUP QUIT
groups=' '
while read -r change group; do
  case $change in
    +) groups="$groups$group ";;
    -) before=\${groups%% $group *}; [ "$before" = "$groups" ] || groups="$before \${groups#* $group }";;
  esac
done
for group in $groups; do kill -KILL -- "-$group" 2>/dev/null; done
[ "$groups" = ' ' ] && exit
for seconds in 0 2; do
  sleep $seconds
  for file in $(grep -ls "REPRO_RUN=$1" /proc/[0-9]*/environ 2>/dev/null); do
    process=\${file#/proc/}
    kill -KILL "\${process%/environ}" 2>/dev/null
  done
done
`;

export class Guardian {
  readonly #shell: ChildProcess | undefined;

  /** `run`: what the environment of every process of this run's jobs holds as REPRO_RUN. */
  constructor(run: string) {
    if (process.platform === 'win32') return;
    const { REPRO_RUN: _, ...env } = process.env;
    this.#shell = spawn('/bin/sh', ['-c', script, 'repro-guardian', run], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
      env,
    });
    // Where there is no shell, jobs end with the channel to this process.
    this.#shell.on('error', () => undefined);
    this.#shell.stdin!.on('error', () => undefined);
    this.#shell.unref();
    (this.#shell.stdin as unknown as { unref: () => void }).unref();
  }

  watch(group: number): void {
    this.#shell?.stdin!.write(`+ ${group}\n`);
  }

  forget(group: number): void {
    this.#shell?.stdin!.write(`- ${group}\n`);
  }

  close(): void {
    this.#shell?.stdin!.end();
  }
}
