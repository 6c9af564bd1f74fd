/** Copies a source that is published: the code of the stage `publish-source`. */
import { cpSync } from 'node:fs';
import type { StageContext } from '../../graph/context.ts';

export async function run({ inputs, outputs }: StageContext): Promise<void> {
  cpSync((inputs['source'] as { readonly path: string }).path, outputs['copy']!.path, {
    recursive: true,
    dereference: true,
  });
}
