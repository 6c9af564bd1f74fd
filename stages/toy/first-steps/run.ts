import type { ValueOf } from 'repro';
import { writeJson } from 'repro/runtime';
import type { StageRun } from 'repro/runtime';
import { normalBias } from '../../../numerics/toy-model/initial-weights.ts';
import { streamFor } from '../stream.ts';
import type { FirstSteps } from './artifact.ts';
import { follow } from './follow.ts';
import type { Followed } from './follow.ts';
import type { firstSteps } from './stage.ts';
import { unitsToFollow } from './units.ts';

export const run: StageRun<typeof firstSteps> = async ({ params, outputs }) => {
  const { n, m, alpha, gamma, batch, steps, probes, every } = params;
  const key = streamFor({ purpose: 'first-steps', ...params });
  const normal = follow(params, key, normalBias);
  const zero = follow(params, key, { mean: 0, standardDeviation: 0 });
  writeJson(outputs.firstSteps, {
    ...{ n, m, alpha, gamma, batch, steps, probes },
    step: normal.looks.map((_, look) => look * every),
    silent: { normal: silentUnits(normal), zero: silentUnits(zero) },
    units: unitsToFollow(normal.looks).map((i) => ({
      feature: i + 1,
      lives: normal.looks.at(-1)![i]!.fires > 0,
      normal: courseOf(normal, i),
      zero: courseOf(zero, i),
    })),
  });
};

/** At each look, how many units never fire. */
function silentUnits({ looks }: Followed): number[] {
  return looks.map((units) => units.filter(({ fires }) => fires === 0).length);
}

function courseOf({ looks }: Followed, i: number): ValueOf<typeof FirstSteps>['units'][number]['normal'] {
  const units = looks.map((look) => look[i]!);
  return {
    bias: units.map(({ bias }) => rounded(bias)),
    norm: units.map(({ norm }) => rounded(norm)),
    fires: units.map(({ fires }) => fires),
    gradient: units.map(({ gradient }) => rounded(gradient)),
  };
}

/** Enough digits for any figure. */
function rounded(value: number): number {
  return Number(value.toPrecision(7));
}
