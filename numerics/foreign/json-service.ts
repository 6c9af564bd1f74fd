import { decodeUtf8, parseForeignJson } from './json.ts';
import { limited } from './limited.ts';

/** Parses JSON texts in a limited process, one after another. */
export const openJson = await limited('json', (_start: null) => (bytes: Uint8Array) => {
  return parseForeignJson(decodeUtf8(bytes));
});

/** The value of one JSON text. Throws an Error of one line that begins with `name`. */
export async function parseLimitedJson(name: string, bytes: Uint8Array, megabytes?: number): Promise<unknown> {
  const json = openJson(null, { name, advice: 'it is not the file that it should be', megabytes });
  try {
    return await json.ask(bytes);
  } catch (error) {
    const { message } = error as Error;
    throw new Error(message.startsWith(`${name}: `) ? message : `${name}: ${message}`, { cause: error });
  } finally {
    await json.close();
  }
}
