/** Scripts less what their interpreter does not see, so that a comment changes no key. */

/**
 * The text that counts of a file of a command: of Python and R without comments, blank lines and spaces at the ends of
 * lines; of any other file all of it.
 */
export function scriptText(path: string, text: string): string {
  // Python reads every kind of line end as one.
  if (/\.py$/.test(path)) return withoutComments(text.replace(/\r\n?/g, '\n'), pythonString);
  // Raw strings of R (r"(...)") may hold anything, and a carriage return alone is no line end there.
  const isPlain = !/[rR]["'][-]*[([{]|\r(?!\n)/.test(text);
  return /\.[rR]$/.test(path) && isPlain ? withoutComments(text, rString) : text;
}

/** What begins a string, at a place of the text. */
const pythonString = /"""|'''|"|'/y;
const rString = /["'`]/y;
/** An operator of R, which may hold a `#` or a quote: `a %#% b`. */
const rOperator = /%[^%]*%/y;

function withoutComments(text: string, opening: RegExp): string {
  const directive = opening === pythonString ? pythonDirective : rDirective;
  const lines: string[] = [];
  /** The quotes of the string that the scan is in. */
  let within: string | undefined;
  /** Whether lines are those of a block `# /// script`, which names the packages that `uv run` installs. */
  let isMetadata = false;
  /** Of a notebook as a script. */
  let isCellOfText = false;
  for (const [number, line] of text.split('\n').entries()) {
    const began = within;
    let end = line.length;
    for (let at = 0; at < line.length;) {
      if (within !== undefined) {
        if (line[at] === '\\') at += 2;
        else if (line.startsWith(within, at)) {
          at += within.length;
          within = undefined;
        } else at++;
        continue;
      }
      if (line[at] === '#') {
        end = at;
        break;
      }
      rOperator.lastIndex = at;
      if (opening === rString && rOperator.test(line)) {
        at = rOperator.lastIndex;
        continue;
      }
      opening.lastIndex = at;
      within = opening.exec(line)?.[0];
      at += within?.length ?? 1;
    }
    // Python's strings of one line end with it, unless it goes on in the next one.
    if (within?.length === 1 && opening === pythonString && !line.endsWith('\\')) within = undefined;
    if (began === undefined && /^# \/\/\/( |$)/.test(line)) isMetadata = !isMetadata && line.length > 5;
    const isDirective = began === undefined && directive.test(line);
    if (isDirective) isCellOfText = /\[(?:markdown|md|raw)\]/.test(line);
    const isRead = isMetadata || isCellOfText || isDirective;
    const kept = isRead || isKeptWhole(line, number) || within !== undefined ? line : line.slice(0, end).trimEnd();
    // A line that goes on in a blank one ends there.
    const isContinued = lines.at(-1)?.endsWith('\\');
    if (kept !== '' || within !== undefined || began !== undefined || isContinued) lines.push(kept);
  }
  return lines.join('\n');
}

/** Comments on which programs other than the interpreter act: those that make notebooks of scripts, and compilers. */
const pythonDirective = /^\s*#\s*(?:%%|(?:cython|distutils):|pythran\s)/;
/** Of R, those that make reports of scripts: text and options. */
const rDirective = /^#(?:['+]|\s*%%)/;

/** How the file is read, what is started, and strings with code in them, in which quotes may nest. */
function isKeptWhole(line: string, number: number): boolean {
  return (number < 2 && /^#!|coding[:=]/.test(line)) || /\b[rRbB]?[fFtT][rRbB]?["']/.test(line);
}
