// @ts-check
/** Writes a new project from a template. Plain JavaScript, since nothing is bundled where there is no project yet. */
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { isSystemError, naming, systemLine } from '../system-error.mjs';
import { templateWords } from './templates.mjs';

const packageRoot = fileURLToPath(new URL('../..', import.meta.url));
const templates = join(packageRoot, 'templates');

/** A mistake of the caller, told in one line. */
export class InitError extends Error {}

/** What a folder of scripts may have of its own: it is kept, and the project works with it. */
const keepable = new Set(['.gitignore', 'README.md', 'package.json', 'tsconfig.json']);

/**
 * Writes the files of a template into a folder. Returns the paths that it wrote and those that it kept, since they were
 * there, relative to the folder. Throws an InitError where another file of the template is there, or for an unknown template.
 * @param {string} folder @param {string} template @param {string} [specification] of repro, as package.json has it
 */
export function init(folder, template, specification = packageSpecification()) {
  if (!Object.hasOwn(templateWords, template))
    throw new InitError(`--template ${template}: expected one of ${Object.keys(templateWords).join(', ')}`);
  const root = resolve(folder);
  if (existsSync(root) && !statSync(root).isDirectory())
    throw new InitError(`${folder}: it is a file: expected a folder`);
  const name =
    basename(root)
      .toLowerCase()
      .replaceAll(/[^a-z0-9._-]+/g, '-')
      .replace(/^[-._]+/, '') || 'reproduction';
  /** @type {Map<string, string>} */
  const files = new Map();
  for (const source of ['shared', template]) {
    for (const path of filesBelow(join(templates, source)))
      files.set(
        path.replace(/(^|\/)_/g, '$1.'),
        readFileSync(join(templates, source, path), 'utf8').replaceAll('{{name}}', name),
      );
  }
  const facts = {
    name,
    private: true,
    type: 'module',
    scripts: { reproduce: 'repro run', verify: 'repro verify' },
    dependencies: { repro: specification },
  };
  files.set('package.json', `${JSON.stringify(facts, null, 2)}\n`);
  const there = [...files.keys()].filter((path) => existsSync(join(root, path)));
  const inTheWay = there.filter((path) => !keepable.has(path));
  if (inTheWay.length > 0)
    throw new InitError(
      `${inTheWay.map((path) => join(folder, path)).join(', ')}: there already: expected a folder without ${inTheWay.length > 1 ? 'them' : 'it'}: name another one`,
    );
  const lines = (files.get('.gitignore') ?? '').split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  for (const path of there) files.delete(path);
  for (const [path, text] of files) {
    makeFolder(dirname(join(root, path)));
    naming(join(root, path), () => writeFileSync(join(root, path), text));
  }
  return { written: [...files.keys()].sort(), kept: there.sort(), specification, ignored: lines };
}

/**
 * With those above it. Not by Node's own `recursive`, which never ends below /proc.
 * @param {string} path @returns {void}
 */
function makeFolder(path) {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  naming(path, () => mkdirSync(path));
}

/**
 * What to type next, as a user in the current folder would.
 * @param {string} folder @param {string} [specification] of repro, if it has to be added
 */
export function nextCommand(folder, specification) {
  const path = relative(process.cwd(), resolve(folder)).replace(/^-/, './-');
  const install = `npm install${specification === undefined ? '' : ` ${quoted(`repro@${specification}`)}`}`;
  return `${path === '' ? '' : `cd ${quoted(path)} && `}${install} && npx repro run`;
}

/** @param {string} word */
function quoted(word) {
  return /^[\w./:@-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** `repro init [folder] [--template name] [--package specification]`. Returns the exit code. @param {readonly string[]} args */
export function initFromArguments(args) {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        template: { type: 'string', default: 'minimal' },
        package: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help) {
      process.stdout.write(initHelp());
      return 0;
    }
    if (positionals.length > 1) throw new InitError(`${positionals[1]}: expected one folder`);
    const folder = positionals[0] ?? '.';
    if (folder === '') throw new InitError('the folder is "": expected its name, or none for the current one');
    const { written, kept, specification, ignored } = init(folder, values.template, values.package);
    const lines = written.map((path) => `  ${join(folder, path)}`);
    for (const path of kept)
      lines.push(
        `  ${join(folder, path)} is there already and was kept${path === '.gitignore' ? `: it should have ${ignored.join(', ')}` : ''}`,
      );
    const missing = values.package === undefined ? tarballToMake(specification) : undefined;
    if (missing !== undefined) lines.push(missing);
    const next = nextCommand(folder, kept.includes('package.json') ? specification : undefined);
    process.stdout.write(`${lines.join('\n')}\nNext: ${next}\n`);
    return 0;
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    if (!(error instanceof InitError) && !code?.startsWith('ERR_PARSE_ARGS') && !isSystemError(error)) throw error;
    process.stderr.write(`repro: ${systemLine(error).split('\n')[0]}\n`);
    return 2;
  }
}

function initHelp() {
  const rows = Object.entries(templateWords).map(([name, words]) => `    ${name.padEnd(9)} ${words}\n`);
  return `Usage: repro init [options] [folder]

write a new project

Arguments:
  folder                the folder, made if it is not there (default: ".")

Options:
  --template <name>     what to start from (default: "minimal")
${rows.join('')}  --package <spec>      repro as package.json names it: a version, or a file (default: what this one was installed from)
  -h, --help            display help for command
`;
}

/** What the project that this package is installed in says of it: a version, or the file that it was packed to. */
function packageSpecification() {
  const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8'));
  const project = resolve(packageRoot, '..', '..');
  try {
    const { dependencies = {}, devDependencies = {} } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'));
    const given = dependencies.repro ?? devDependencies.repro;
    if (typeof given === 'string' && given.startsWith('file:'))
      return `file:${resolve(project, given.slice('file:'.length))}`;
  } catch {
    // Not installed by npm: a clone of the repository.
  }
  const tarball = join(packageRoot, `repro-${version}.tgz`);
  return isClone() && existsSync(tarball) ? `file:${tarball}` : `^${version}`;
}

/** Whether this is the repository, of which the package has only a part. */
function isClone() {
  return existsSync(join(packageRoot, 'tsconfig.types.json'));
}

/** In a clone, whose version no registry may have: how a new project gets this one. @param {string} specification */
function tarballToMake(specification) {
  if (!isClone() || specification.startsWith('file:')) return undefined;
  const here = packageRoot.replace(/\/$/, '');
  const tarball = join(here, `repro-${specification.slice(1)}.tgz`);
  return `repro ${specification} comes from the npm registry. For that of this clone: (cd ${quoted(here)} && npm run pack), then npm install ${quoted(tarball)} in the project`;
}

/** @param {string} folder @returns {string[]} */
function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(folder, path)).isFile())
    .map((path) => path.replaceAll('\\', '/'));
}
