import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

export interface Credentials {
  readonly login: string;
  readonly password: string;
}

/** What the user's netrc file (`$NETRC`, else `~/.netrc`) says of a host; undefined if nothing. */
export function netrcCredentials(host: string): Credentials | undefined {
  let text: string;
  try {
    text = readFileSync(process.env['NETRC'] ?? join(homedir(), '.netrc'), 'utf8');
  } catch {
    return undefined;
  }
  return parseNetrc(text, host);
}

/** The first entry of the host, else the default entry: `machine HOST login NAME password SECRET`. */
export function parseNetrc(text: string, host: string): Credentials | undefined {
  // A macro ends at an empty line. A password may begin with #, or be in quotes.
  const lines = text.replace(/^\s*macdef\b[^]*?(\n\s*\n|(?![^]))/gm, '\n').replace(/^[ \t]*#.*$/gm, '');
  const words = [...lines.matchAll(/"((?:\\.|[^"\\])*)"(?!\S)|\S+/g)].map(([word, quoted]) =>
    quoted === undefined ? word : quoted.replace(/\\(.)/g, '$1'),
  );
  const entries: { host: string | undefined; login?: string; password?: string }[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (word === 'machine') entries.push({ host: words[++i] });
    else if (word === 'default') entries.push({ host: undefined });
    else if (word === 'login' || word === 'password') Object.assign(entries.at(-1) ?? {}, { [word]: words[++i] });
    else if (word === 'account') i++;
  }
  const found = entries.find((each) => each.host === host) ?? entries.find((each) => each.host === undefined);
  return found?.login === undefined ? undefined : { login: found.login, password: found.password ?? '' };
}
