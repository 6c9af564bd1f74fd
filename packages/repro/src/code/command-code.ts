import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { basename, join, normalize } from 'node:path';
import { hereOfProgram } from '../environments/here.ts';
import { isShell, programsInScript, programsOfShebang } from '../environments/started-programs.ts';
import { InputError } from '../errors.ts';
import { canonicalJson } from '../graph/canonical-json.ts';
import { codeDigestOfText, sha256 } from '../graph/digest.ts';
import type { Digest } from '../graph/digest.ts';
import type { StageDeclaration } from '../graph/stage.ts';
import { fileDigest, isNameKnown, statOrUndefined } from '../store/files.ts';
import { foldersOfRuns } from '../store/made-by-runs.ts';
import { refuseEditedPackages } from './edited-packages.ts';
import { usedPackages } from './packages.mjs';
import { scriptText } from './script-text.ts';
import type { StageCode } from './stage-code.ts';

/** The code of a command stage: the declared files by the digests of their content, and what its outputs are checked for. */
export async function commandCode(root: string, { name, command, outputs }: StageDeclaration): Promise<StageCode> {
  const files: Record<string, string> = {};
  const contents: Record<string, Digest> = {};
  /** What JavaScript among them imports. */
  const imported = new Set<string>();
  /** Files by their text as far as it may say which programs it starts. */
  const scripts = new Map<string, string>();
  for (const pattern of command!.files) {
    if (/^([/\\]|[A-Za-z]:)|(^|\/)\.\.(\/|$)/.test(pattern))
      throw new InputError(`stage ${name}: files: ${JSON.stringify(pattern)}: expected a pattern within the project`);
    const found = await matching(root, pattern);
    if (found.length === 0)
      throw new InputError(`stage ${name}: files: ${JSON.stringify(pattern)}: no file matches: expected at least one`);
    for (const path of found) {
      if (!isNameKnown(root, path))
        throw new InputError(`stage ${name}: files: ${path}: its name is not UTF-8: expected names in UTF-8`);
      const bytes = readFileSync(join(root, path));
      contents[path] = sha256(bytes);
      if (isShellScript.test(path) || bytes.subarray(0, 2).toString() === '#!')
        scripts.set(normalize(path), bytes.toString('latin1'));
      // Of a script in another encoding, letters that differ would be the same replacement character.
      if (isJavaScript.test(path)) for (const specifier of importsOf(bytes.toString('latin1'))) imported.add(specifier);
      const isText = /\.(py|[rR])$/.test(path) && isUtf8(bytes);
      files[path] = isText ? sha256(scriptText(path, bytes.toString('utf8'))) : contents[path];
    }
  }
  const sorted = Object.fromEntries(Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1)));
  const packages: Record<string, string> = {};
  const programFolders: string[] = [];
  const started = programsBehind(command!.programs, scripts);
  const runsNode = started.some((program) => ofNode.test(basename(program)));
  if (runsNode) Object.assign(packages, nodePackages(root, imported));
  Object.assign(packages, runnerFiles(root, command!.programs, scripts));
  const programs = command!.environment ? [] : started;
  for (const program of programs) {
    const { here, directory } = await hereOfProgram(root, program);
    Object.assign(packages, here);
    if (directory !== undefined) programFolders.push(directory);
  }
  const digest = codeDigestOfText(
    canonicalJson({
      command: sorted,
      ...(Object.keys(packages).length > 0 && { packages }),
      ...expectedOf(outputs),
    }),
  );
  return { digest, bundlePath: '', files: sorted, contents, packages, programFolders };
}

const isShellScript = /\.(sh|bash)$/;
const isJavaScript = /\.[cm]?[jt]sx?$/;
/** Programs that find packages in node_modules of the folders above. */
const ofNode = /^(node|nodejs|bun|deno|npx|tsx|ts-node)$/;

/** Programs that look in the folders above for what to install, and the files by which they go. */
const runners: Readonly<Record<string, readonly string[]>> = {
  uv: ['pyproject.toml', 'uv.lock', 'uv.toml', '.python-version'],
  poetry: ['pyproject.toml', 'poetry.lock'],
  pdm: ['pyproject.toml', 'pdm.lock'],
  pipenv: ['Pipfile', 'Pipfile.lock'],
  pixi: ['pyproject.toml', 'pixi.toml', 'pixi.lock'],
  hatch: ['pyproject.toml', 'hatch.toml'],
  rye: ['pyproject.toml', 'requirements.lock', '.python-version'],
  bundle: ['Gemfile', 'Gemfile.lock'],
};

/** Digests of the files of the project by which such programs go: a job runs below the project, where they find them. */
function runnerFiles(
  root: string,
  called: ReadonlySet<string>,
  scripts: ReadonlyMap<string, string>,
): Record<string, string> {
  const names = new Set([...called].map((program) => basename(program)));
  const texts = [...scripts.values()];
  const found: Record<string, string> = {};
  for (const [name, files] of Object.entries(runners)) {
    if (!names.has(name) && !texts.some((text) => new RegExp(`\\b${name} +(run|exec)\\b`).test(text))) continue;
    for (const file of files)
      if (statOrUndefined(join(root, file))?.isFile())
        found[`${name}: ${file}`] = fileDigest(join(root, file)).slice(0, 16);
  }
  return found;
}

/** What a file of JavaScript imports, as far as its text says; a few more where text looks like it. */
function importsOf(text: string): string[] {
  return [...text.matchAll(/\b(?:from|import|require)\s*\(?\s*['"`]([^'"`\n]+)['"`]/g)].map((match) => match[1]!);
}

/**
 * The packages of the project that scripts import, and those that these depend on: a job runs below the project, where Node
 * finds them. Throws an InputError where they are not those of the lock.
 */
function nodePackages(root: string, imported: ReadonlySet<string>): Record<string, string> {
  const { packages, problem } = usedPackages(root, [...imported], true);
  if (problem !== undefined) throw new InputError(problem);
  refuseEditedPackages(root, packages);
  return Object.fromEntries(Object.entries(packages).map(([name, identity]) => [`node: ${name}`, identity]));
}

/** With those that scripts among the files start: the one that is called, and where a shell runs, all scripts of shells. */
function programsBehind(called: ReadonlySet<string>, scripts: ReadonlyMap<string, string>): string[] {
  const programs = new Set(called);
  for (const program of called)
    for (const each of programsOfShebang(scripts.get(normalize(program)) ?? '')) programs.add(each);
  if ([...programs].some(isShell))
    for (const [path, text] of scripts)
      if (isShellScript.test(path) || programsOfShebang(text).some(isShell))
        for (const each of programsInScript(text)) programs.add(each);
  return [...programs].sort();
}

/** The files that a pattern means. One file needs no search, and what searches takes as long to load as a whole start. */
async function matching(root: string, pattern: string): Promise<string[]> {
  const isPlain = /^[\w-][\w.-]*(\/[\w-][\w.-]*)*$/.test(pattern) && !/(^|\/)node_modules\//.test(pattern);
  if (isPlain && statOrUndefined(join(root, pattern))?.isFile()) return [pattern];
  const { glob } = await import('zx');
  // Any other beginning, also `./reports/` or `{data,reports}/`, names the folders that it means.
  const ofRuns = /^(\.\/)*[*!]/.test(pattern) ? foldersOfRuns(root) : [];
  const ignore = ['**/node_modules/**', '**/.git/**', ...ofRuns.map((name) => `${name}/**`)];
  return glob(pattern, { cwd: root, dot: true, ignore });
}

/** What outputs must satisfy: a result that was checked for something else is not the one that would be recorded now. */
function expectedOf(outputs: StageDeclaration['outputs']): { readonly expected?: object } {
  const checked = Object.entries(outputs).flatMap(([name, { schema, columns }]) => {
    if (schema) return [[name, JSON.parse(JSON.stringify(schema)) as object]];
    // The order of the columns counts.
    return columns ? [[name, Object.entries(columns)]] : [];
  });
  return checked.length === 0 ? {} : { expected: Object.fromEntries(checked) as object };
}
