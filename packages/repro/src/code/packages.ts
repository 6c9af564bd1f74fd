import { existsSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join } from 'node:path';

interface LockedPackage {
  readonly version?: string;
  /** Where it comes from: an archive, or a commit of a git repository. */
  readonly resolved?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
}

/**
 * The packages behind the imports of a bundle and all that they depend on, `path -> version`, as package-lock.json
 * pins them. Dependencies that are builds for one platform only are left out, so that the digest is the same everywhere.
 */
export function lockedPackages(root: string, imports: readonly string[]): Record<string, string> {
  const names = imports.filter((path) => !isBuiltin(path)).map(packageName);
  if (names.length === 0) return {};
  const lock = readLock(root);
  const found = new Map<string, string>();
  const visit = (name: string, from: string): void => {
    const path = lock ? resolveIn(lock, name, from) : undefined;
    if (path === undefined) {
      if (!lock || from === '') found.set(name, installedVersion(root, name));
      return;
    }
    const locked = lock![path]!;
    if (found.has(path) || (from !== '' && (locked.os || locked.cpu))) return;
    found.set(path, lockedVersion(locked));
    for (const dependency of Object.keys({
      ...locked.dependencies,
      ...locked.optionalDependencies,
      ...locked.peerDependencies,
    }))
      visit(dependency, path);
  };
  for (const name of names) visit(name, '');
  return Object.fromEntries(
    [...found]
      .map(([path, version]): [string, string] => [path.replace(/^node_modules\//, ''), version])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/**
 * The manifests of imported packages that package-lock.json does not pin: optional peers, which count by the version
 * that is installed, or as not installed. Paths relative to the root, whether there or not.
 */
export function manifestsBesideLock(root: string, imports: readonly string[]): string[] {
  const lock = readLock(root);
  const names = imports.filter((path) => !isBuiltin(path)).map(packageName);
  return names
    .filter((name) => !lock || resolveIn(lock, name, '') === undefined)
    .map((name) => `node_modules/${name}/package.json`);
}

/** For a package from a git repository the commit too, which its version does not tell. */
function lockedVersion({ version = 'linked', resolved }: LockedPackage): string {
  return resolved?.startsWith('git') ? `${version} ${resolved.slice(resolved.indexOf('#') + 1)}` : version;
}

function readLock(root: string): Record<string, LockedPackage> | undefined {
  const path = join(root, 'package-lock.json');
  if (!existsSync(path)) return undefined;
  return (JSON.parse(readFileSync(path, 'utf8')) as { packages: Record<string, LockedPackage> }).packages;
}

/** Node's resolution over the lock's paths: the nearest enclosing node_modules wins. */
function resolveIn(lock: Record<string, LockedPackage>, name: string, from: string): string | undefined {
  for (
    let base = from;
    ;
    base = base.includes('/node_modules/') ? base.slice(0, base.lastIndexOf('/node_modules/')) : ''
  ) {
    const path = base === '' ? `node_modules/${name}` : `${base}/node_modules/${name}`;
    if (lock[path]) return path;
    if (base === '') return undefined;
  }
}

function installedVersion(root: string, name: string): string {
  for (let directory = root; ; directory = dirname(directory)) {
    const manifest = join(directory, 'node_modules', name, 'package.json');
    if (existsSync(manifest)) return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
    if (dirname(directory) === directory) return 'not installed';
  }
}

function packageName(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
