/** Time of a training step, ours beside dense PyTorch's, one thread each: see README.md. */
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { compressed, configurations, defaultSteps, fullSteps } from './configurations.ts';
import type { Configuration } from './configurations.ts';
import { measure } from './measure.ts';
import type { Measurement } from './measure.ts';
import { describePeer, findPeer } from './peer.ts';

const { values } = parseArgs({
  options: {
    group: { type: 'string' },
    configuration: { type: 'string' },
    schedule: { type: 'string', default: 'compressed' },
    steps: { type: 'string' },
    python: { type: 'string' },
    json: { type: 'string' },
    keep: { type: 'string' },
  },
});
if (!['compressed', 'full'].includes(values.schedule))
  throw new Error(`--schedule ${values.schedule}: expected compressed or full`);
const steps = values.steps === undefined ? undefined : Number(values.steps);
if (steps !== undefined && !(Number.isInteger(steps) && steps >= 10 && steps <= fullSteps))
  throw new Error(`--steps ${values.steps}: expected an integer from 10 to ${fullSteps}`);
const chosen = configurations.filter(
  ({ name, group }) =>
    (!values.group || group === values.group) && (!values.configuration || name.includes(values.configuration)),
);
if (!chosen.length)
  throw new Error(
    `no configuration matches: expected a part of one of\n  ${configurations.map(({ name }) => name).join('\n  ')}`,
  );

const peer = findPeer(values.python);
console.log(`${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.versions.node}`);
console.log(peer ? describePeer(peer) : 'No Python with PyTorch found (--python PATH names one): ours alone.');
console.log('');
console.log(
  '                                               ms per step                      needed by the factored form, by step   with',
);
console.log(
  'configuration                        steps     ours  last tenth  PyTorch  ratio    U  density  MFLOP  GFLOP/s  of peak  samples    MB',
);

const results: Measurement[] = [];
// what is kept is kept after each round, so that no more than a few minutes are lost
const rounds = values.schedule === 'compressed' ? 4 : values.keep ? 100 : 20;
for (const one of chosen) {
  const result = await measure(scheduled(one), peer, rounds, values.keep && join(values.keep, one.name));
  results.push(result);
  console.log(row(result));
}
console.log('');
for (const note of notes(results)) console.log(note);
if (values.json) {
  const machine = { processor: cpus()[0]?.model, node: process.versions.node };
  writeFileSync(
    values.json,
    `${JSON.stringify({ machine, peer: peer && { ...peer, environment: undefined }, results }, undefined, 1)}\n`,
  );
}

function scheduled(configuration: Configuration): Configuration {
  return compressed(configuration, steps ?? (values.schedule === 'full' ? fullSteps : defaultSteps(configuration)));
}

function row({ configuration, ours, tenths, peer: dense, work, peak, memoryBytes }: Measurement): string {
  const rate = (flop: number) => flop / ours.wall / 1e6;
  const percent = (share: number) => `${(100 * share).toFixed(0)}%`;
  return [
    configuration.name.padEnd(36),
    String(configuration.steps).padStart(5),
    ours.wall.toFixed(2).padStart(8),
    tenths.at(-1)!.toFixed(2).padStart(11),
    (dense ? dense.wall.toFixed(1) : '-').padStart(8),
    (dense ? `${(dense.wall / ours.wall).toFixed(1)}x` : '-').padStart(6),
    work.distinct.toFixed(0).padStart(4),
    percent(work.density).padStart(8),
    (work.products / 1e6).toFixed(1).padStart(6),
    rate(work.products).toFixed(1).padStart(8),
    percent(rate(work.products) / peak).padStart(8),
    percent(rate(work.products + work.samples) / peak).padStart(8),
    (memoryBytes / 1e6).toFixed(1).padStart(5),
  ].join(' ');
}

function notes(measurements: readonly Measurement[]): string[] {
  const peaks = measurements.map(({ peak }) => peak);
  const lines = [
    `Peak: register-resident 128-bit multiplications and additions, ${Math.min(...peaks).toFixed(1)} to ${Math.max(...peaks).toFixed(1)} GFLOP/s, measured between our steps and the peer's.`,
  ];
  if (measurements.some(({ configuration }) => configuration.steps < fullSteps)) {
    lines.push(
      `Schedules of fewer than the paper's ${fullSteps} steps overstate our time: the early part, in which M is dense, weighs more. --schedule full runs all.`,
    );
  }
  const alone = (times: readonly ({ wall: number; cpu: number } | undefined)[]) =>
    Math.min(...times.flatMap((time) => (time ? [time.cpu / time.wall] : [])));
  const shares = [alone(measurements.map(({ ours }) => ours)), alone(measurements.map((one) => one.peer))];
  if (Math.min(...shares) < 0.95) {
    lines.push(
      `Other work took the core at times: at the worst, ours had ${(100 * shares[0]!).toFixed(0)}% of it${peer ? `, PyTorch ${(100 * shares[1]!).toFixed(0)}%` : ''}. Run again on an idle machine.`,
    );
  }
  return lines;
}
