import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { StageContext } from '../graph/context.ts';
import { download } from './download.ts';

/** Fetches what `fetchFile` names. A part that came before a crash is in the scratch directory, and is gone on with. */
export async function run({ params, outputs, scratch, signal, progress }: StageContext): Promise<void> {
  const { url, sha256 } = params as { url: string; sha256: string };
  const partial = join(scratch, 'partial');
  await download({ url, sha256, partial, signal, progress });
  await rm(outputs['file']!.path, { force: true });
  await rename(partial, outputs['file']!.path);
}
