// @ts-check
/**
 * Starts the command line of a project: `import { launch } from 'repro/launch'; await launch(import.meta.url)` in a file
 * in the project's root. Loads little until it is known that there is something to do.
 */
import { accessSync, constants, existsSync, readFileSync, writeSync } from 'node:fs';
import module from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Footprint, footprintPath, unchanged } from './footprint.mjs';
import { isSystemError, systemLine } from './system-error.mjs';

/**
 * @param {string} url of a file in the root of the project
 * @param {string} [command] how the user starts the command line, for messages and help
 */
export async function launch(url, command = './repro') {
  const root = dirname(fileURLToPath(url));
  checkWorkingDirectory();
  if (!existsSync(join(root, 'pipeline.ts'))) return withoutProject(root, command);
  if (!isInstalled(root)) end(`repro: ${howToInstall(root)}`, 2);
  const footprint = process.argv[2] === 'run' ? runAgain(root) : undefined;
  if (footprint === 'done') return;
  const { BundleError, bundleDirectories, commandLine, keepInUse } = await import('./code/command-line.mjs');
  try {
    const bundle = pathToFileURL(await commandLine(root)).href;
    const directories = bundleDirectories(root);
    keepCompiled(directories.at(-1));
    keepInUse(directories);
    const { main: run } = await loaded(bundle, root);
    await run(root, command, footprint && { ...footprint, touched: directories });
  } catch (error) {
    if (error instanceof BundleError) end(error.message, 2);
    const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code === 'ERR_MODULE_NOT_FOUND')
      end(`repro: ${message.split(' imported from ')[0]}: ${installWords(root, message)}`, 2);
    if (!isSystemError(error)) throw error;
    end(`repro: cannot start: ${systemLine(error)}`, 1);
  }
}

/**
 * What there is to say where there is no pipeline: the version, the way to a project, or that there is none.
 * @param {string} root @param {string} command
 */
function withoutProject(root, command) {
  const [verb] = process.argv.slice(2);
  if (verb === '--version') {
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
    process.stdout.write(`repro ${version}, Node ${process.version.slice(1)}\n`);
    return;
  }
  const way = `${command} init FOLDER writes a new project`;
  const where = `there is no pipeline.ts in ${root} or a folder above it`;
  if (verb !== undefined && !['help', '--help', '-h'].includes(verb))
    return end(`repro: ${where}: expected a project: go to the folder of one; ${way}`, 2);
  process.stdout.write(`Usage: ${command} [options] [command]

The commands are those of a project, and ${where}.
${way}: see ${command} init --help. Its README.md says how to go on.
`);
}

/** @param {string} root */
function howToInstall(root) {
  if (existsSync(join(root, '.pnp.cjs')))
    return 'Yarn keeps the packages in archives: expected node_modules: write `nodeLinker: node-modules` into .yarnrc.yml and run yarn';
  return `the packages are not installed: run ${installCommand(root)}`;
}

/** Of the package manager that wrote the project's lock. @param {string} root */
function installCommand(root) {
  const has = (/** @type {string} */ name) => existsSync(join(root, name));
  if (has('pnpm-lock.yaml')) return 'pnpm install';
  if (has('yarn.lock')) return 'yarn install';
  return has('package-lock.json') ? 'npm ci' : 'npm install';
}

/** Whether the packages are there: of a workspace they are with the project above that has it. @param {string} root */
function isInstalled(root) {
  if (existsSync(join(root, 'node_modules'))) return true;
  for (let above = root; above !== dirname(above);) {
    above = dirname(above);
    if (existsSync(join(above, 'node_modules', 'repro'))) return true;
  }
  return false;
}

/**
 * Node 22.1 and later keep what they compiled, beside the bundle of the build system, with which it goes.
 * @param {string | undefined} directory
 */
function keepCompiled(directory) {
  const { enableCompileCache } = /** @type {{ enableCompileCache?: (directory: string) => unknown }} */ (module);
  if (directory !== undefined) enableCompileCache?.(join(directory, 'compiled'));
}

/** Programs cannot be started from a folder that is gone, or that one may not enter. */
function checkWorkingDirectory() {
  try {
    accessSync(process.cwd(), constants.X_OK);
  } catch (error) {
    end(`repro: the working directory: ${systemLine(error)}`, 2);
  }
}

/**
 * Imports the command line, and with it pipeline.ts, whose code runs then and may fail, or end the process.
 * @param {string} bundle @param {string} root
 */
async function loaded(bundle, root) {
  const ended = () => {
    process.stderr.write('repro: pipeline.ts ended the process while it was read: expected it to declare a pipeline\n');
    process.exitCode = 2;
  };
  process.once('exit', ended);
  try {
    return await import(bundle);
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code === 'ERR_MODULE_NOT_FOUND' || ['EMFILE', 'ENFILE'].includes(code ?? '')) throw error;
    const { messageWithPlace } = await import('./code/error-place.mjs');
    process.off('exit', ended);
    return end(`repro: ${messageWithPlace(error, root)}`, 2);
  } finally {
    process.off('exit', ended);
  }
}

/** How to get a package that is not there. @param {string} root @param {string} message of Node */
function installWords(root, message) {
  const name = /package '((?:@[^/']+\/)?[^/']+)/.exec(message)?.[1];
  try {
    const { dependencies = {}, devDependencies = {} } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    if (name !== undefined && !(name in dependencies || name in devDependencies)) return `run npm install ${name}`;
  } catch {
    // Without a package.json that says more, the ordinary words.
  }
  return `run ${installCommand(root)}`;
}

/**
 * Where nothing that the same call looked at has changed since it found all results fresh, prints what that printed. Else
 * begins the footprint of this call.
 * @param {string} root
 */
function runAgain(root) {
  const path = footprintPath(root, process.argv.slice(2));
  const text = unchanged(path);
  if (text !== undefined) {
    try {
      const seconds = `${(performance.now() / 1000).toFixed(1)} s`;
      writeSync(1, text.replaceAll('\0', seconds));
      return 'done';
    } catch {
      // A full disk, or a pipe that nobody reads or that is full: the ordinary way has the words and the patience.
    }
  }
  const footprint = new Footprint();
  footprint.watch();
  return { footprint, path };
}

/** @param {string} message @param {number} code @returns {never} */
function end(message, code) {
  process.stderr.write(`${message}\n`);
  process.exit(code);
}
