import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** The version of a package that may not be installed, told without loading it. */
export function installedVersion(name: string): string | undefined {
  try {
    const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`);
    return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
  } catch {
    return undefined;
  }
}
