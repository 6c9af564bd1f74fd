/** The trainings of the parameter set `quick` as of commit 10dca93, the mix that changes to the trainer are timed on. */
import type { FrequencyLaw } from '../../numerics/features/frequencies.ts';
import { compressed, configurations } from './configurations.ts';
import type { Configuration } from './configurations.ts';

const steps = 7000;
const tenGammas = Array.from({ length: 10 }, (_, i) => -1 + (2 * i) / 9);
const nineAlphas = Array.from({ length: 9 }, (_, i) => i / 4);

/** Every `stride`-th of all, in the order of the experiments. */
export function quickMix(stride: number): Configuration[] {
  return all().filter((_, i) => i % stride === Math.floor(stride / 2));
}

/** The 18 small configurations that are compared with PyTorch, in a twentieth of the paper's steps. */
export function smallMix(): Configuration[] {
  return configurations.filter(({ group }) => group === 'small').map((each) => compressed(each, 1000));
}

function all(): Configuration[] {
  const unskewed = { n: 320, alpha: 1, density: 1 };
  const laws = nineAlphas.map((alpha) => ({ n: 320, alpha, density: 1 }));
  return [
    ...sweep(laws, tenGammas, [8, 10, 13, 17, 23, 32]),
    ...sweep(laws, [-5 / 9], [26, 29, 33, 37, 42, 48]),
    ...sweep([3.6735, 6.347].map((density) => ({ ...unskewed, density })), [-1, -5 / 9, 5 / 9, 1], [8, 10, 13, 17, 20, 32]), // prettier-ignore
    ...sweep([{ ...unskewed, n: 256 }], [-1], [4, 8, 16, 32, 64, 128, 181, 256]),
    ...large(),
  ];
}

function sweep(
  laws: readonly { n: number; alpha: number; density: number }[],
  gammas: readonly number[],
  widths: readonly number[],
): Configuration[] {
  return laws.flatMap((law) =>
    gammas.flatMap((gamma) =>
      widths.map((m): Configuration => {
        const { n, alpha, density } = law;
        return {
          name: `n=${n},alpha=${alpha},density=${density},gamma=${gamma.toFixed(3)},m=${m}`,
          group: 'small',
          n,
          m,
          law: { frequencies: 'power-law', ...law },
          gamma,
          batch: 320,
          steps,
          warmup: steps / 10,
          peakRateW: 0.02,
          peakRateB: 0.02,
          lossScale: 1,
        };
      }),
    ),
  );
}

function large(): Configuration[] {
  const n = 1280;
  const laws: FrequencyLaw[] = [
    { frequencies: 'exponential', n, scale: 50, firstIndex: 1, density: 1 },
    { frequencies: 'power-law', n, alpha: 1.2, density: 1 },
    { frequencies: 'linear', n, firstIndex: 1, density: 1 },
  ];
  return laws.flatMap((law) =>
    [-1, 0.1].flatMap((gamma) =>
      [4, 8, 16, 32, 64].map((m): Configuration => ({
        name: `n=${n},${law.frequencies},gamma=${gamma},m=${m}`,
        group: 'large',
        n,
        m,
        law,
        gamma,
        batch: 256,
        steps: 4000,
        warmup: 200,
        peakRateW: 0.02 * (8 / m) ** 0.25,
        peakRateB: 2 / m,
        lossScale: 100,
      })),
    ),
  );
}
