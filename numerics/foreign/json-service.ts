import { decodeUtf8, parseForeignJson } from './json.ts';
import { limited, smallJson } from './limited.ts';
import type { Limited, LimitedOptions } from './limited.ts';

const parse = (bytes: Uint8Array): unknown => parseForeignJson(decodeUtf8(bytes));

const open = await limited('json', (_start: null) => parse);

/** Parses JSON texts, one after another: small ones here, others in a limited process, which the first of them starts. */
export function openJson(options: LimitedOptions): Limited<Uint8Array, unknown> {
  let process: Limited<Uint8Array, unknown> | undefined;
  return {
    ask: async (bytes) => {
      if (!process && bytes.length <= smallJson) return parse(bytes);
      process ??= open(null, options);
      return process.ask(bytes);
    },
    close: async () => process?.close(),
  };
}

/** The value of one JSON text. Throws an Error of one line that begins with `name`. */
export async function parseLimitedJson(name: string, bytes: Uint8Array, megabytes?: number): Promise<unknown> {
  const json = openJson({ name, advice: 'it is not the file that it should be', megabytes });
  try {
    return await json.ask(bytes);
  } catch (error) {
    const { message } = error as Error;
    throw new Error(message.startsWith(`${name}: `) ? message : `${name}: ${message}`, { cause: error });
  } finally {
    await json.close();
  }
}
