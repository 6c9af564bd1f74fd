/** Where in a project's sources the code of a stage failed: what ran is a bundle, in which lines and names say nothing. */
import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { fileURLToPath } from 'node:url';

/** The file that leads from a bundle of a stage to its sources, next to the bundle. */
export function mapOf(bundle: string): string {
  return `${bundle}.map`;
}

const place = /(file:\/\/\S+?\/stages\/[^\s/?]+\.mjs)(?:\?job=\d+)?:(\d+):(\d+)/;

/**
 * A stack with the places in bundles of stages replaced by those in their sources, relative to the root of the project:
 * `at f (stages/fit/run.ts:5:9)`. What is below, down to the process of the job, is left out.
 */
export function stackOfSources(stack: string): string {
  const lines: string[] = [];
  let isStage = false;
  for (const line of stack.split('\n')) {
    const [all, url = '', row = '', column = ''] = place.exec(line) ?? [];
    const found = all === undefined ? undefined : originalPlace(fileURLToPath(url), Number(row), Number(column));
    if (isStage && found === undefined && /\/worker\.mjs:/.test(line)) break;
    isStage ||= found !== undefined;
    lines.push(found === undefined ? line : line.replace(all!, found));
  }
  return lines.join('\n');
}

/** Of Node, which names the bundle that imports a package that is not there: how to get it. */
export function missingPackage(message: string): string {
  return message.replace(
    /^Cannot find package '((?:@[^/']+\/)?[^/']+)[^']*' imported from .*\/stages\/[^/]*\.mjs$/,
    "Cannot find package '$1': it is not installed: run npm install $1",
  );
}

/** Undefined where there is no map: a bundle of an earlier version, or another module. */
function originalPlace(bundle: string, line: number, column: number): string | undefined {
  try {
    const map = new SourceMap(JSON.parse(readFileSync(mapOf(bundle), 'utf8')) as never);
    const entry = map.findEntry(line - 1, column - 1);
    return 'originalSource' in entry
      ? `${entry.originalSource}:${entry.originalLine + 1}:${entry.originalColumn + 1}`
      : undefined;
  } catch {
    return undefined;
  }
}
