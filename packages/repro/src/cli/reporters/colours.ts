import { pathToFileURL } from 'node:url';

/** Wraps text in colour codes, or leaves it as it is. */
export interface Colours {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly cyan: (text: string) => string;
}

export function colours(enabled: boolean): Colours {
  const code =
    (on: number, off: number) =>
    (text: string): string =>
      enabled && text ? `\x1b[${on}m${text}\x1b[${off}m` : text;
  return {
    bold: code(1, 22),
    dim: code(2, 22),
    red: code(31, 39),
    green: code(32, 39),
    yellow: code(33, 39),
    cyan: code(36, 39),
  };
}

/**
 * Whether a stream takes colours and the user wants them: NO_COLOR (https://no-color.org) forbids them, FORCE_COLOR asks
 * for them in a pipe as well, and FORCE_COLOR=0 is as NO_COLOR.
 */
export function wantsColour(stream: Pick<NodeJS.WriteStream, 'isTTY' | 'hasColors'>, env = process.env): boolean {
  const { NO_COLOR: none, FORCE_COLOR: forced } = env;
  if (none) return false;
  if (forced !== undefined) return !/^(0|false)$/.test(forced);
  return stream.isTTY && stream.hasColors();
}

/** A link to a file for terminals that have them (OSC 8), or its text as it is. */
export function fileLink(text: string, path: string, enabled: boolean): string {
  return enabled ? `\x1b]8;;${pathToFileURL(path).href}\x1b\\${text}\x1b]8;;\x1b\\` : text;
}

/** Terminals that are known to have links; FORCE_HYPERLINK=1 and =0 decide it. */
export function wantsLinks(stream: NodeJS.WriteStream, env = process.env): boolean {
  const { FORCE_HYPERLINK: forced, TERM: term = '', TERM_PROGRAM: program = '', VTE_VERSION: vte } = env;
  if (forced !== undefined) return forced !== '0';
  if (!stream.isTTY || env['CI']) return false;
  return (
    /^(iTerm\.app|WezTerm|vscode|ghostty|Hyper|rio)$/.test(program) ||
    /kitty|alacritty|foot|ghostty|wezterm/.test(term) ||
    Number(vte ?? 0) >= 5000 ||
    env['WT_SESSION'] !== undefined ||
    env['KONSOLE_VERSION'] !== undefined
  );
}
