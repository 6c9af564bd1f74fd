import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sharedProject, tinySet } from './project-copy.ts';

/** The paper's text and its authors' scripts, side by side. */
const project = sharedProject();

const variants = {
  n: 32,
  m: [3, 4, 6],
  alpha: [1],
  scale: 2,
  gamma: [-1, 0.5],
  training: { ...tinySet.small.training, lossScale: 1, peakRateW: 0.02, peakRateB: 0.02 },
  longer: 2,
  larger: 2,
};

async function run(...args: string[]): Promise<Record<string, number>> {
  const { code, stdout, stderr } = await project.repro(
    'run',
    '--params',
    'both',
    '--store',
    'variants',
    '--log',
    'json',
    ...args,
  );
  assert.equal(code, 0, stdout + stderr);
  const executed: Record<string, number> = {};
  for (const line of stdout.trim().split('\n')) {
    const { type, stage } = JSON.parse(line) as { type: string; stage?: string };
    if (type === 'node-finished') executed[stage!] = (executed[stage!] ?? 0) + 1;
  }
  return executed;
}

test('each difference trains what it needs and no more; another reading trains nothing', async () => {
  project.write('params/both.json', JSON.stringify({ ...tinySet, variants }));
  // beside the small sweep, for 2 weight decays and 3 m: linear and exponential from 0 and from 1, batch and steps, scale, other random numbers
  const trained = 12 + 2 * 3 * 7;
  const first = await run();
  assert.deepEqual(first, {
    sample: 2 + 4,
    train: trained,
    'measure-geometry': trained,
    'fit-exponents': 1,
    'fit-sizes': 1,
    'compare-variants': 7,
    'random-geometry': 1,
    figure: 1,
    'result-tables': 1,
    report: 1,
    'results-page': 1,
  });
  const report = project.read('reports/both/report.md');
  assert.match(report, /Besides: text and scripts side by side\./);
  assert.equal(
    report.match(
      /^\| (Final loss|Loss by unlearned|Linear|Exponential|Batch|Minimised|For comparison).*\| (−1|0\.5) \|/gm,
    )?.length,
    14,
  );

  assert.deepEqual(await run('--set', 'readings.finalLoss=last-training'), {
    'fit-exponents': 1,
    figure: 1,
    'result-tables': 1,
    report: 1,
    'results-page': 1,
  });
  assert.match(
    project.read('reports/both+readings.finalLoss=last-training/report.md'),
    /Losses are means of the last 100 training losses/,
  );
});
