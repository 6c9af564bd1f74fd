import { messageOf } from '../errors.ts';
import type { Graph } from '../graph/graph.ts';
import type { BackendProbe, StageDeclaration } from '../graph/stage.ts';
import { askProbe } from './probe.ts';

/** What a backend of a stage found here, and whether it computes what it should. */
export interface Examination {
  readonly stage: string;
  readonly backend: string;
  readonly state: BackendProbe['state'] | 'everywhere';
  readonly message: string;
  readonly advice: string | undefined;
  readonly facts: Readonly<Record<string, string>>;
  /** Undefined where there is none, or nothing to run it on. */
  readonly selfTest: { readonly passed: boolean; readonly message: string; readonly seconds: number } | undefined;
  /** Whether `--backend auto` takes it where something has to run. */
  readonly auto: boolean;
}

/** Probes and tests every backend of the graph's stages, one after another, in this process. */
export async function examineBackends(graph: Graph): Promise<Examination[]> {
  const examinations: Examination[] = [];
  for (const stage of new Set(graph.nodes.map((node) => node.stage))) examinations.push(...(await examineStage(stage)));
  return examinations;
}

async function examineStage({ name: stage, backends = {} }: StageDeclaration): Promise<Examination[]> {
  const found: Omit<Examination, 'auto'>[] = [];
  for (const [backend, { probe, selfTest }] of Object.entries(backends)) {
    const {
      state,
      message,
      advice,
      facts = {},
    } = probe
      ? await askProbe(probe)
      : { state: 'everywhere' as const, message: 'works everywhere', advice: undefined };
    found.push({
      stage,
      backend,
      state,
      message,
      advice,
      facts,
      selfTest: selfTest && state !== 'absent' ? await tested(selfTest) : undefined,
    });
  }
  const taken = found.find(({ state }) => state === 'fast' || state === 'everywhere') ?? found.at(-1);
  return found.map((examination) => ({ ...examination, auto: examination === taken }));
}

async function tested(selfTest: () => Promise<string>): Promise<NonNullable<Examination['selfTest']>> {
  const started = performance.now();
  const end = (passed: boolean, message: string): NonNullable<Examination['selfTest']> => ({
    passed,
    message,
    seconds: (performance.now() - started) / 1000,
  });
  try {
    const message = await selfTest();
    return end(true, message);
  } catch (error) {
    return end(false, messageOf(error));
  }
}
