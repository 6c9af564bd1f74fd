import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { sha256 } from '../../src/graph/digest.ts';
import { checkStore } from '../../src/maintenance/check-store.ts';
import { Store } from '../../src/store/store.ts';
import { parseActionResult } from '../../src/store/records.ts';
import { importArchive } from '../../src/travel/import.ts';
import { selectResults, writeArchive } from '../../src/travel/export.ts';
import { Remotes } from '../../src/travel/remote-sync.ts';
import { PuppetProject, puppetStage, settled } from '../puppets.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

/**
 * This file starts itself again as a process that does one thing over and over, each time to a new place, until it is
 * killed; then all places are looked at. What is killed is the operation, not the start of a command line.
 */
const child = process.env['REPRO_TEST_TRAVEL'];
const nodes = 12;
const none = { from: [], maybe: undefined, read: [] };
const make = puppetStage('make');

function makers(root: string): PuppetProject {
  const project = new PuppetProject(root);
  project.build(() => {
    for (let i = 0; i < nodes; i++) make({ i }, none);
  });
  return project;
}

/** 40 kB that do not compress well, so that there is a time in which an operation can be killed. */
function bytesOf(node: string): string {
  return Array.from({ length: 640 }, (_, i) => sha256(`${node} ${i}`)).join('');
}

/** What each operation brings to a new place: all 12 results, or nothing that counts. */
const operations: Readonly<Record<string, (root: string, place: string) => Promise<unknown>>> = {
  push: (root, place) => {
    const store = makers(root).openStore();
    return new Remotes([{ place }], assert.fail).push({ store }, store.keys());
  },
  pull: (root, place) => {
    const project = makers(root);
    const published = Object.fromEntries(
      project.graph.nodes.map((node) => [
        `${node.name}.txt`,
        { node, output: 'out', type: node.stage.outputs['out']! },
      ]),
    );
    const context = {
      ...project.context(new Store(place)),
      graph: project.graph,
      publication: { files: published },
      reportDirectory: join(root, 'reports'),
    };
    return new Remotes([{ place: join(root, 'shared') }], assert.fail).pull(context, new Set(project.graph.nodes));
  },
  export: (root, place) => {
    const project = makers(root);
    const store = project.openStore();
    const decisions = project.graph.nodes.map(({ name }) => project.states(store)[name]!);
    const everything = { without: new Set<string>(), maximumBlob: Infinity };
    return writeArchive(
      store,
      selectResults(store, project.graph.nodes, decisions, everything),
      join(place, 'archive'),
    );
  },
  import: (root, place) => importArchive(new Store(place), join(root, 'exported/archive')),
};

/** Fails if a place holds a result without what it names, or a file that is not what its name says. */
const inspections: Readonly<Record<string, (root: string, place: string) => void>> = {
  push: (_, place) => {
    for (const name of namesIn(join(place, 'cas')))
      assert.equal(sha256(readFileSync(join(place, 'cas', name))), name, 'a blob that is not whole');
    for (const name of namesIn(join(place, 'ac'))) {
      const result = parseActionResult(readFileSync(join(place, 'ac', name), 'utf8'));
      assert.ok(result, 'a record that is not whole');
      for (const { digest } of [result.trace, ...Object.values(result.outputs)])
        assert.ok(existsSync(join(place, 'cas', digest)), 'a record without its blobs');
    }
  },
  pull: (_, place) => assert.deepEqual(checkStore(new Store(place)).faults, []),
  export: (root, place) => {
    const names = readdirSync(place).filter((name) => !name.startsWith('tmp-'));
    for (const name of names)
      assert.deepEqual(readFileSync(join(place, name)), readFileSync(join(root, 'exported', name)));
  },
  import: (_, place) => assert.deepEqual(checkStore(new Store(place)).faults, []),
};

/** Blobs or records, without what is written under a temporary name. */
function namesIn(directory: string): string[] {
  return existsSync(directory) ? readdirSync(directory).filter((name) => !name.startsWith('tmp-')) : [];
}

if (child !== undefined) {
  const [operation, root, first] = child.split(' ') as [string, string, string];
  for (let i = 0; ; i++) {
    const place = join(root, operation, `${first}-${i}`);
    mkdirSync(place, { recursive: true });
    const started = performance.now();
    await operations[operation]!(root, place);
    // How long it takes, so that the kill comes while it does it again.
    if (i === 0) process.stdout.write(String(performance.now() - started));
  }
}

const seed = Date.now() % 1e9;
let state = seed;
function random(): number {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
}

describe(`killed at random moments, no half record is ever taken (seed ${seed}): while results are`, () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  before(async () => {
    directory = temporaryDirectory();
    const run = makers(directory.path).start();
    for (await settled(); run.runner.running.length > 0;)
      await run.runner.running[0]!.finish(({ node }) => bytesOf(node));
    await run.finished;
    await operations['push']!(directory.path, join(directory.path, 'shared'));
    mkdirSync(join(directory.path, 'exported'));
    await operations['export']!(directory.path, join(directory.path, 'exported'));
  });
  after(() => directory[Symbol.dispose]());

  for (const [operation, words] of [
    ['push', 'sent'],
    ['pull', 'fetched'],
    ['export', 'exported'],
    ['import', 'imported'],
  ] as const) {
    test(words, async () => {
      const root = directory.path;
      const operate = operations[operation]!;
      const inspect = inspections[operation]!;
      for (let kill = 0; kill < 2; kill++) {
        await killed(`${operation} ${root} ${kill}`);
        const places = readdirSync(join(root, operation)).map((name) => join(root, operation, name));
        for (const place of places) inspect(root, place);
        // Where it was killed, the next one goes on.
        const last = places.sort((x, y) => Number(x.split('-').at(-1)) - Number(y.split('-').at(-1))).at(-1)!;
        await operate(root, last);
        inspect(root, last);
        if (operation !== 'export') assert.equal(namesIn(join(last, 'ac')).length, nodes);
        rmSync(join(root, operation), { recursive: true });
      }
    });
  }
});

/** Resolves when the child has done its work once, has gone on for a moment, and was killed. */
function killed(task: string): Promise<void> {
  const { NODE_TEST_CONTEXT: _, ...inherited } = process.env;
  return new Promise((resolve, reject) => {
    const started = spawn(process.execPath, [process.argv[1]!], {
      env: { ...inherited, REPRO_TEST_TRAVEL: task },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    started.once('error', reject);
    started.stdout.once('data', (text: Buffer) => {
      setTimeout(() => started.kill('SIGKILL'), random() * Number(text.toString()));
    });
    started.once('close', (code) => (code === null ? resolve() : reject(new Error(`it ended by itself: ${code}`))));
  });
}
