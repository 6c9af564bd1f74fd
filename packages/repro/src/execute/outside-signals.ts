/** What people, batch systems and a machine without memory send to a process. A program that fails ends by none of them. */
const outsideSignals: readonly unknown[] = ['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP'];

/** Whether a process that ended so was ended by something else: then its end says nothing about what it did. */
export function isFromOutside(ended: number | NodeJS.Signals | null | undefined): boolean {
  return outsideSignals.includes(ended);
}
