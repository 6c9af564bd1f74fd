import { messageOf } from '../errors.ts';
import { isObject } from '../is-object.ts';
import type { BackendExecution, BackendProbe } from '../graph/stage.ts';

const states: readonly unknown[] = ['fast', 'slow', 'absent'] satisfies BackendProbe['state'][];

/**
 * What a backend says of this machine. A probe that fails, or says what nobody can use, found nothing to compute on: a
 * driver that is broken is no reason to compute nowhere.
 */
export async function askProbe(probe: NonNullable<BackendExecution['probe']>): Promise<BackendProbe> {
  try {
    const found: unknown = await probe();
    if (isObject(found) && states.includes(found['state']) && typeof found['message'] === 'string')
      return found as unknown as BackendProbe;
    return { state: 'absent', message: `its probe gave ${shown(found)}: expected { state, message }` };
  } catch (error) {
    return { state: 'absent', message: messageOf(error) };
  }
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? String(value)).slice(0, 80);
}
