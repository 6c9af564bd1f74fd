/** The call, a parameter or an input file is wrong: the message is one line for the user; exit code 2. */
export class InputError extends Error {
  override readonly name = 'InputError';
}

/** The store or the reports cannot be written to: the message is one line for the user; exit code 1. */
export class StorageError extends Error {
  override readonly name = 'StorageError';
}

/** The end of a message about a name that is not known: `expected one of a, b`, or that there is none. */
export function oneOf(names: Iterable<string>): string {
  const list = [...names].join(', ');
  return list === '' ? 'expected none' : `expected one of ${list}`;
}

/** What the system says when a file cannot be written that has nothing to do with who wrote it. */
const storageCodes = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'EMFILE', 'ENFILE', 'EXDEV']);

/** Whether the place where results are kept is at fault (full, read-only, broken), and not the node that noticed. */
export function isStorageFailure(error: unknown): boolean {
  return storageCodes.has(String((error as NodeJS.ErrnoException | undefined)?.code));
}

/** An Error whose message says all of a mistake: where in the code it was noticed is not printed. */
export function plainError(message: string): Error {
  const error = new Error(message);
  error.stack = '';
  return error;
}

/** The first line of what was thrown, whatever that is. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message.split('\n')[0]! : String(error);
}
