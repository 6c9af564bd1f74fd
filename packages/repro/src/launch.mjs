// @ts-check
/**
 * Starts the command line of a project: `import { launch } from 'repro/launch'; await launch(import.meta.url)` in a file
 * in the project's root.
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { BundleError, commandLine } from './code/command-line.mjs';

/**
 * @param {string} url of a file in the root of the project
 * @param {string} [command] how the user starts the command line, for messages and help
 */
export async function launch(url, command = './repro') {
  const root = dirname(fileURLToPath(url));
  if (!existsSync(join(root, 'node_modules'))) end('the packages are not installed: run npm ci', 2);
  try {
    const { main: run } = await import(pathToFileURL(await commandLine(root)).href);
    await run(root, command);
  } catch (error) {
    if (error instanceof BundleError) end(error.message, 2);
    if (!['EMFILE', 'ENFILE'].includes(/** @type {NodeJS.ErrnoException} */ (error).code ?? '')) throw error;
    end('repro: the limit of open files is too low to start: raise it, for example: ulimit -n 1024', 1);
  }
}

/** @param {string} message @param {number} code @returns {never} */
function end(message, code) {
  process.stderr.write(`${message}\n`);
  process.exit(code);
}
