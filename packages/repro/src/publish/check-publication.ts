import { a, check, DeclarationError } from '../graph/declared.ts';
import type { Publication } from '../pipeline.ts';
import { isPathBelow } from './lock.ts';
import { statementName } from './statement.ts';
import { ownFiles } from './verify-published.ts';

/** What a run writes besides. */
const reserved: ReadonlySet<string> = new Set([...ownFiles, statementName]);

/**
 * Refuses a publication that cannot be written as it says, before anything runs: a path that leads out of the report's
 * folder would overwrite files of the user. Throws a DeclarationError.
 */
export function checkPublication({ files, report, page }: Publication): void {
  const seen = new Map<string, string>();
  for (const [path, handle] of Object.entries(files)) {
    if (!isPathBelow(path) || /[:\p{Cc}]/u.test(path))
      throw new DeclarationError(
        `files: ${JSON.stringify(path)}: expected a path below the report's folder, such as "tables/fit.json"`,
      );
    if (reserved.has(path.toLowerCase()))
      throw new DeclarationError(`files: "${path}": every run writes it itself: choose another name`);
    check(`files: "${path}"`, handle, a.output);
    // Some file systems tell no capitals from small letters.
    const same = seen.get(path.toLowerCase());
    if (same !== undefined)
      throw new DeclarationError(`files: "${same}" and "${path}" are one file on some machines: rename one`);
    seen.set(path.toLowerCase(), path);
  }
  for (const path of seen.keys())
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1))
      if (seen.has(path.slice(0, end)))
        throw new DeclarationError(`files: "${path.slice(0, end)}" is a file, and "${path}" is in it: rename one`);
  for (const [name, path] of Object.entries({ report, page }))
    if (path !== undefined && !Object.hasOwn(files, path))
      throw new DeclarationError(`${name}: "${path}" is none of the published files`);
}
