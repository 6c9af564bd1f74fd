// @ts-check
/** Where in a project's own code an error came from, for messages about pipeline.ts: users do not know the bundle that ran. */
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { dirname, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sourceDirectory } from './bundler.mjs';

/**
 * The message of an error, after the place in the project that made it: `pipeline.ts:8: x is not defined`. The class of an
 * error that JavaScript itself throws is said too.
 * @param {unknown} error @param {string} root of the project
 */
export function messageWithPlace(error, root) {
  const { name, message, stack = '' } = error instanceof Error ? error : new Error(String(error));
  const place = placeOf(stack, root);
  const native = ['TypeError', 'RangeError', 'ReferenceError', 'SyntaxError'].includes(name) ? `${name}: ` : '';
  return `${place === undefined ? 'pipeline.ts' : place}: ${native}${message.trim() || name}`;
}

/** @param {string} stack @param {string} root */
function placeOf(stack, root) {
  const project = realpathSync(root);
  for (const [, url = '', line = '', column = ''] of stack.matchAll(/((?:file:\/\/|\/)[^\s()]+):(\d+):(\d+)/g)) {
    const place = original(url.startsWith('file:') ? fileURLToPath(url) : url, Number(line), Number(column));
    const path = place && relative(project, place.path);
    if (!path || path.startsWith('..') || path.split(sep).includes('node_modules')) continue;
    if (!place.path.startsWith(sourceDirectory)) return `${path}:${place.line}`;
  }
  return undefined;
}

/** @param {string} file @param {number} line @param {number} column, both from 1 */
function original(file, line, column) {
  const map = `${file}.map`;
  if (!existsSync(map)) return existsSync(file) ? { path: realpathSync(file), line } : undefined;
  const entry = new SourceMap(JSON.parse(readFileSync(map, 'utf8'))).findEntry(line - 1, column - 1);
  if (!('originalSource' in entry)) return undefined;
  const path = resolve(dirname(file), entry.originalSource);
  return { path: existsSync(path) ? realpathSync(path) : path, line: entry.originalLine + 1 };
}
