/** The call, a parameter or an input file is wrong: the message is one line for the user; exit code 2. */
export class InputError extends Error {
  override readonly name = 'InputError';
}
