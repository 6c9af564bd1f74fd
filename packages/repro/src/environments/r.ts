import { answerOf } from './programs.ts';
import { missingProgram } from './tools.ts';

/** A package of an renv.lock, and the URL of the repository that has it. */
export interface RPackage {
  readonly name: string;
  readonly version: string;
  readonly repository: string;
}

/** The R here. */
export async function findR(
  root: string,
  version: string | undefined,
): Promise<{ readonly version: string; readonly platform: string } | { readonly missing: string }> {
  const text = await answerOf(root, [
    'Rscript',
    '--vanilla',
    '-e',
    'cat(as.character(getRversion()), R.version$platform)',
  ]);
  if (text === undefined) return { missing: missingProgram('Rscript') };
  const [found = '', platform = ''] = text.split(' ');
  if (version !== undefined && found !== version && !found.startsWith(`${version}.`))
    return {
      missing: `R ${version} was not found (there is ${found}): install it, or declare r({ version: "${found}" })`,
    };
  return { version: found, platform };
}

const question = `
places <- unique(c(.Library.site, .Library))
found <- installed.packages(lib.loc = places)
cat(places, sep = "\\t")
cat("", paste(found[, "Package"], found[, "Version"]), sep = "\\n")
`;

/** Versions of the packages that an R finds without a library of the user's; none where there is no R. */
export async function packagesOfR(root: string, program: string): Promise<Record<string, string>> {
  const line = [program, '--vanilla', '-e', question];
  const text = await answerOf(root, line, (output) => output.split('\n')[0]!.split('\t'));
  const [, ...packages] = (text ?? '').split('\n');
  // The first of two libraries that have a package is the one it is loaded from.
  return Object.fromEntries(packages.map((each) => each.split(' ') as [string, string]).reverse());
}

/**
 * The packages of an renv.lock, each after those that it requires. Throws an Error of one line where it is no such file,
 * or names a repository that it does not list.
 */
export function packagesOfLock(text: string, name: string): RPackage[] {
  const fail = (message: string): never => {
    throw new Error(`${name}: ${message}`);
  };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return fail('expected JSON, as renv::snapshot() writes it');
  }
  const { R, Packages } = value as {
    R?: { Repositories?: unknown };
    Packages?: Record<string, Record<string, unknown>>;
  };
  const repositories = R?.Repositories;
  if (!Array.isArray(repositories) || typeof Packages !== 'object')
    return fail('expected R.Repositories and Packages, as renv::snapshot() writes them');
  const urls = new Map((repositories as { Name?: string; URL?: string }[]).map(({ Name, URL }) => [Name, URL]));
  const sorted: RPackage[] = [];
  const seen = new Set<string>();
  const add = (wanted: string): void => {
    const entry = Packages[wanted];
    if (!entry || seen.has(wanted)) return;
    seen.add(wanted);
    for (const needed of (entry['Requirements'] as readonly string[] | undefined) ?? []) add(needed);
    const { Version, Repository, Source } = entry as Record<string, string | undefined>;
    const url = urls.get(Repository);
    if (Source !== 'Repository' || url === undefined || Version === undefined)
      return fail(`${wanted}: Source ${Source}, Repository ${Repository}: expected a package of a listed repository`);
    sorted.push({ name: wanted, version: Version, repository: url });
  };
  for (const wanted of Object.keys(Packages).sort()) add(wanted);
  return sorted;
}
