import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { answerOf } from './programs.ts';

/** A Python interpreter. */
export interface PythonFacts {
  /** The interpreter itself, not what chooses one. */
  readonly executable: string;
  /** `3.11.7`; with the name of the implementation where it is not CPython: `pypy 3.10.14`. */
  readonly version: string;
  /** `linux-x86_64` */
  readonly platform: string;
  /** Installed packages, by name: versions. */
  readonly packages: Readonly<Record<string, string>>;
  /** Folders of its packages. */
  readonly path: readonly string[];
}

/**
 * What is installed in place (`pip install -e`, a .pth file) is edited without a new version: such folders count by their
 * Python files. In `path` are these files and all folders too, since an answer is kept only while they are as they were.
 */
const question = `
import hashlib, json, os, sys, sysconfig
from urllib.parse import unquote, urlparse
path = [p for p in sys.path if p and os.path.isdir(p)]
def content(folder):
    digest = hashlib.sha256()
    for at, folders, names in os.walk(folder):
        folders[:] = sorted(f for f in folders if f[0] != '.' and f not in ('__pycache__', 'node_modules', 'site-packages'))
        path.append(at)
        for name in sorted(n for n in names if n.endswith('.py')):
            file = os.path.join(at, name)
            path.append(file)
            try:
                with open(file, 'rb') as f: seen = hashlib.sha256(f.read()).hexdigest()
            except OSError:
                seen = 'not readable'
            digest.update(json.dumps([os.path.relpath(file, folder), seen]).encode())
    return digest.hexdigest()[:16]
packages = {}
try:
    from importlib.metadata import distributions
    for d in distributions():
        if not d.metadata['Name']: continue
        origin = json.loads(d.read_text('direct_url.json') or '{}')
        folder = unquote(urlparse(origin.get('url', '')).path) if origin.get('dir_info', {}).get('editable') else ''
        packages[d.metadata['Name']] = d.version + (' in place, content ' + content(folder) if os.path.isdir(folder) else '')
except ImportError:
    pass
known = [os.path.realpath(sysconfig.get_path(n)) for n in ('stdlib', 'platstdlib')]
for p in list(path):
    inside = any(os.path.realpath(p).startswith(k) for k in known)
    if p in sys.path and not inside and os.path.basename(p) not in ('site-packages', 'dist-packages'):
        packages[os.path.basename(p) + ' on its path'] = 'content ' + content(p)
name = sys.implementation.name
version = '.'.join(map(str, sys.version_info[:3]))
print(json.dumps({'executable': sys.executable, 'version': version if name == 'cpython' else name + ' ' + version,
  'platform': sysconfig.get_platform(), 'packages': packages, 'path': path}))
`;

/** What a Python says of itself; undefined if there is none of that name. `-I`: user and environment have no say. */
export async function askPython(root: string, program: string): Promise<PythonFacts | undefined> {
  const text = await answerOf(
    root,
    [program, '-I', '-c', question],
    (output) => (JSON.parse(output) as PythonFacts).path,
  );
  return text === undefined ? undefined : (JSON.parse(text) as PythonFacts);
}

/** A Python of a version such as `3.11`, or that of the PATH. A message of one line says what there is where none fits. */
export async function findPython(
  root: string,
  version: string | undefined,
): Promise<PythonFacts | { readonly missing: string }> {
  const minor = version?.split('.').slice(0, 2).join('.');
  const names = [...(minor === undefined ? [] : [`python${minor}`]), 'python3', 'python'];
  const there: string[] = [];
  for (const name of [...names, ...(version === undefined ? [] : pyenvPythons(version))]) {
    const facts = await askPython(root, name);
    if (!facts) continue;
    if (version === undefined || facts.version === version || facts.version.startsWith(`${version}.`)) return facts;
    if (!there.includes(facts.version)) there.push(facts.version);
  }
  const wanted = version === undefined ? 'Python 3' : `Python ${version}`;
  const found = there.length > 0 ? `there is ${there.join(', ')}` : 'there is none';
  return {
    missing: `${wanted} was not found (${found}): install it, for example with apt install python${minor ?? '3'} python${minor ?? '3'}-venv, or pyenv install ${version ?? '3'}`,
  };
}

/** Interpreters that pyenv keeps, though none of them may be the one that it would start. */
function pyenvPythons(version: string): string[] {
  const versions = join(process.env['PYENV_ROOT'] ?? join(homedir(), '.pyenv'), 'versions');
  if (!existsSync(versions)) return [];
  return readdirSync(versions)
    .filter((name) => name === version || name.startsWith(`${version}.`))
    .sort()
    .reverse()
    .map((name) => join(versions, name, 'bin', 'python3'));
}
