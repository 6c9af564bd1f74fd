#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { launch } from '../src/launch.mjs';

/** The nearest folder, from the working directory up, that has a pipeline.ts. @returns {string} */
function projectRoot() {
  for (let directory = process.cwd(); ; directory = dirname(directory)) {
    if (existsSync(join(directory, 'pipeline.ts'))) return directory;
    if (dirname(directory) === directory) return process.cwd();
  }
}

// A new project: there is no pipeline to start from.
if (process.argv[2] === 'init') {
  const { initFromArguments } = await import('../src/init/init.mjs');
  process.exit(initFromArguments(process.argv.slice(3)));
}

await launch(pathToFileURL(join(projectRoot(), 'pipeline.ts')).href, 'npx repro');
