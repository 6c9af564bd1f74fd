import { answerOf } from './programs.ts';

/** What to install for a program, by its name. */
const packagesOf: Readonly<Record<string, string>> = {
  python3: 'apt install python3, or brew install python',
  Rscript: 'apt install r-base-core, or brew install r',
  R: 'apt install r-base-core, or brew install r',
  uv: 'pip install uv',
  podman: 'apt install podman, or brew install podman',
  bwrap: 'apt install bubblewrap',
};

/** `jq: no such command: install it, for example with apt install jq`. */
export function missingProgram(name: string): string {
  return `${name}: no such command: install it, for example with ${packagesOf[name] ?? `apt install ${name}`}, or put it on the PATH`;
}

/** The first line that each tool prints of its version. */
export async function toolVersions(
  root: string,
  tools: Readonly<Record<string, readonly string[]>>,
): Promise<Record<string, string>> {
  const versions: Record<string, string> = {};
  for (const [name, line] of Object.entries(tools)) {
    const answer = await answerOf(root, line);
    versions[name] = answer === undefined ? missingProgram(line[0]!) : answer.split('\n')[0]!.trim();
  }
  return versions;
}

/** Whether that is no version. */
export function isMissing(version: string): boolean {
  return version.includes(': no such command: ') || / was not found \(/.test(version);
}
