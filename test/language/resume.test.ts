import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { after, before, test } from 'node:test';
import { hostedRepository } from '../hub/repository.ts';
import { startHub } from '../hub/server.ts';
import type { LocalHub } from '../hub/server.ts';
import { sharedProject, tinySet, variables } from '../project-copy.ts';
import { miniModel, predictedTokens, vocabulary } from './mini-family.ts';

/** An evaluation long enough to be killed: half as many tokens again as are kept unsaved. */
const project = sharedProject();
const texts = Array.from(
  { length: 1500 },
  (_, i) => ` the and of${' the'.repeat(1 + (i % 5))}${' and of the to'.repeat(31)}`,
);
let hub: LocalHub;

before(async () => {
  const tokenizer = JSON.parse(
    readFileSync(join(process.env['REPRO_TEST_ROOT']!, 'test/fixtures/llm/tokenizers/pythia.json'), 'utf8'),
  ) as Record<string, string>;
  const { config, weights } = miniModel(
    16,
    1,
    [4.75, 4.95],
    [[' the and the the'], [' of to of of']].map((some) => predictedTokens(some, tokenizer)),
  );
  hub = await startHub([
    hostedRepository('model', 'mini/one', { 'config.json': config, 'model.safetensors': weights, ...tokenizer }),
    hostedRepository('dataset', 'mini/long', {
      'data/train.json.gz': gzipSync(texts.map((text) => JSON.stringify({ text }) + '\n').join('')),
    }),
  ]);
  const model = {
    model: 'mini/one',
    width: 16,
    vocabulary,
    layers: 1,
    parameters: 30_000,
    parametersLessEmbeddings: 3000,
  };
  project.write(
    'params/published/one.json',
    JSON.stringify({
      counting: 'as they are',
      families: [{ family: 'One', bytesPerNumber: 4, source: 'made for a test', models: [model] }],
    }),
  );
  const dataSets = [
    { name: 'long', repository: 'mini/long', folder: 'data', files: 'data/train', field: 'text', joinedWords: 0 },
  ];
  const llm = {
    published: 'params/published/one.json',
    draws: 20,
    models: ['mini/one'],
    pairs: 'all',
    evaluation: { texts: texts.length, maximumTokens: 128, dataSets },
  };
  project.write('params/one.json', JSON.stringify({ ...tinySet, llm, figures: ['6e'], decides: [] }));
});
after(() => hub.close());

/** How far eval-llm said it was, by the events of a run. */
function fractions(text: string): number[] {
  return [...text.matchAll(/"type":"node-progress","node":"eval-llm[^}]*"fraction":([\d.]+)/g)].map(([, fraction]) =>
    Number(fraction),
  );
}

const command = ['run', 'eval-llm', '--params', 'one', '--store', 'resumed', '--log', 'json'];
const environment = (): Record<string, string> => hub.environment(join(project.root, 'resumed-home'));

/**
 * Evaluates in a process of its own, which is killed once it keeps texts that are done. What it says of its progress may
 * come too late: it says nothing for a tenth of a second after it said something.
 */
function evaluateAndKill(): Promise<{ signal: string | null; text: string }> {
  const { NODE_TEST_CONTEXT: _, REPRO_STORE: __, GITHUB_ACTIONS: ___, ...inherited } = process.env;
  const child = spawn(process.execPath, ['repro', ...command], {
    cwd: project.root,
    env: { ...inherited, ...environment() },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => void (text += chunk));
  }
  const look = setInterval(() => {
    if (kept().length > 0) child.kill('SIGKILL');
  }, 5);
  return new Promise((resolve) => {
    child.on('close', (_code, signal) => {
      clearInterval(look);
      resolve({ signal, text });
    });
  });
}

async function evaluate(...options: string[]): Promise<string> {
  using _ = variables(environment());
  const { code, stdout, stderr } = await project.repro(...command, ...options);
  assert.equal(code, 0, stdout + stderr);
  return stdout;
}

/** What was kept in scratch directories of texts that are done. */
function kept(): string[] {
  try {
    const paths = readdirSync(join(project.root, 'resumed'), { recursive: true, encoding: 'utf8' });
    return paths.filter((path) => /finished-\d+\.safetensors$/.test(path));
  } catch (error) {
    // There is no store yet, or a folder went while it was looked at.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Names of outputs of eval-llm, with their digests. */
function results(): unknown {
  const roots = join(project.root, 'resumed/roots');
  const names = readFileSync(join(roots, readdirSync(roots)[0]!, 'names.jsonl'), 'utf8');
  const found = names.split('\n').findLast((line) => line.includes('"node":"eval-llm'))!;
  const { outputs } = JSON.parse(found) as { outputs: Record<string, { digest: string }> };
  const digests = Object.values(outputs).map(({ digest }) => digest);
  assert.ok(digests.length === 3 && digests.every((digest) => /^[0-9a-f]{64}$/.test(digest)), JSON.stringify(outputs));
  return outputs;
}

test('an evaluation that is killed goes on from the texts that were done, and ends with the same bytes', async (t) => {
  const killed = await evaluateAndKill();
  assert.equal(killed.signal, 'SIGKILL', killed.text);
  const before = kept().length;
  assert.ok(before >= 1, 'something was kept');

  const resumed = await evaluate();
  // computing begins at 0.05 where nothing is done
  const computing = fractions(resumed).filter((fraction) => fraction > 0.06);
  t.diagnostic(`killed with ${before} shards of 2 done; went on at ${Math.min(...computing).toFixed(2)}`);
  assert.ok(computing.length > 0 && Math.min(...computing) > 0.3, computing.join());
  const afterKill = results();

  const whole = await evaluate('--force');
  assert.ok(
    fractions(whole).some((fraction) => fraction < 0.3),
    'computed from the beginning',
  );
  assert.deepEqual(results(), afterKill);
});
