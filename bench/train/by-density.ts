/**
 * A whole schedule of the widest models takes hours, and a compressed one never leaves its beginning: their biases learn
 * at 2/m. So the biases are hurried, which is not the paper's training, through the densities of M that its schedule
 * passes; a step takes what its U and its density cost, however they came about. See README.md.
 */
import { parseArgs } from 'node:util';
import { compressed, configurations, fullSteps } from './configurations.ts';
import { neededWork } from './needed-work.ts';
import { measurePeak } from './peak.ts';
import { describePeer, findPeer, runPeer } from './peer.ts';
import { startTraining } from './training.ts';

const { values } = parseArgs({
  options: { configuration: { type: 'string', default: 'm=1024' }, python: { type: 'string' } },
});
const chosen = configurations.filter(({ name, group }) => group === 'large' && name.includes(values.configuration));
if (!chosen.length)
  throw new Error(
    `--configuration ${values.configuration}: expected a part of one of\n  ${configurations
      .filter(({ group }) => group === 'large')
      .map(({ name }) => name)
      .join('\n  ')}`,
  );

/** Between looks: so many steps at such a rate of the biases. */
const stretches = [
  { steps: 0, rate: 0 },
  { steps: 24, rate: 0.05 },
  { steps: 24, rate: 0.03 },
  { steps: 24, rate: 0.01 },
];
const timed = 3;

const peer = findPeer(values.python);
console.log(peer ? describePeer(peer) : 'No Python with PyTorch found (--python PATH names one): ours alone.');
console.log('\n                                            processor ms per step                 products, of');
console.log('configuration                        U  density    ours   PyTorch  ratio   MFLOP  peak   median b');
for (const configuration of chosen) {
  const { m, peakRateW } = configuration;
  const { trainer, samples } = startTraining(compressed(configuration, fullSteps), 1);
  const dense =
    peer &&
    runPeer<{ cpuMsPerStep: number }>(peer, configuration, [
      '--paced',
      `--rounds=${stretches.length}`,
      '--steps-per-round=1',
    ]);
  await dense?.next();
  let k = 0;
  for (const { steps, rate } of stretches) {
    for (let i = 0; i < steps; i++) trainer.step(++k, peakRateW, rate);
    const biases = trainer.biases();
    const { distinct, density, products } = neededWork(trainer.weights(), biases, m, samples(k + 1), 1e8);
    const peak = measurePeak(30);
    const begun = process.cpuUsage();
    for (let i = 0; i < timed; i++) trainer.step(++k, peakRateW, 2 / m);
    const ours = process.cpuUsage(begun).user / 1000 / timed;
    dense?.proceed();
    const theirs = (await dense?.next())?.cpuMsPerStep;
    console.log(
      [
        configuration.name.padEnd(33),
        String(distinct).padStart(5),
        `${(100 * density).toFixed(0)}%`.padStart(8),
        ours.toFixed(0).padStart(7),
        (theirs === undefined ? '-' : theirs.toFixed(0)).padStart(9),
        (theirs === undefined ? '-' : `${(theirs / ours).toFixed(1)}x`).padStart(6),
        (products / 1e6).toFixed(0).padStart(7),
        `${((100 * products) / 1e6 / ours / peak).toFixed(0)}%`.padStart(5),
        biases.sort()[biases.length >> 1]!.toFixed(3).padStart(10),
      ].join(' '),
    );
  }
  await dense?.finish();
}
