/**
 * The requirements of a lock file, one a line, less comments and options: `numpy==2.1.0 --hash=sha256:...`. So a comment in
 * the file makes no other environment. Throws an Error of one line for a requirement that is not pinned, or has no hash.
 */
export function requirementsOf(text: string, name: string): string[] {
  const lines = text.replaceAll(/\\\r?\n/g, ' ').split('\n');
  const found: string[] = [];
  for (const raw of lines) {
    const line = raw
      .replace(/(^|\s)#.*$/, '')
      .trim()
      .replaceAll(/\s+/g, ' ');
    // Where packages come from is the machine's affair: hashes say what comes.
    if (
      line === '' ||
      /^(--index-url|--extra-index-url|-i|--find-links|-f|--require-hashes|--no-binary|--only-binary)\b/.test(line)
    )
      continue;
    const what = line.split(' ')[0]!;
    const hint = 'make the file with: uv pip compile --generate-hashes requirements.in -o requirements.txt';
    if (line.startsWith('-')) throw new Error(`${name}: ${line.slice(0, 60)}: expected packages only: ${hint}`);
    if (!/==[^=*]+$|^[\w.-]+(\[[^\]]*\])?@|^[\w.-]+(\[[^\]]*\])? @ /.test(what) && !line.includes(' @ '))
      throw new Error(`${name}: ${what} is not pinned: expected name==version: ${hint}`);
    if (!line.includes('--hash=')) throw new Error(`${name}: ${what} has no --hash: ${hint}`);
    found.push(line);
  }
  return found.sort();
}
