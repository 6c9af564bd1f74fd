import type { Key } from '../graph/digest.ts';
import { keyOfTrace } from '../plan/key.ts';
import type { Trace } from '../plan/trace.ts';
import type { ActionResult } from '../store/store.ts';

/**
 * Why a result is not that of its key by its own trace; undefined if it is. Asked of every result that comes from
 * outside, and of all by `check-store`. It finds what is damaged or mixed up; whoever makes both result and trace can
 * still lie about bytes, which only computing them again shows.
 */
export function misfit(key: Key, { outputs }: ActionResult, trace: Trace): string | undefined {
  const computed = keyOfTrace(trace);
  if (computed === undefined) return `has key scheme ${trace.scheme}, which this version does not know`;
  if (computed !== key || trace.key !== key) return `has the trace of another key, ${computed.slice(0, 12)}`;
  const names = Object.keys(trace.outputs);
  const same =
    names.length === Object.keys(outputs).length &&
    names.every((name) => outputs[name]?.digest === trace.outputs[name]);
  return same ? undefined : 'has other outputs than its trace';
}
