import { Type } from '@sinclair/typebox';
import { defineStage } from 'repro';
import { LanguageModels } from '../../toy/artifacts.ts';
import { SizeFits, SizeTable } from '../artifacts.ts';

export const fitSizes = defineStage({
  name: 'fit-sizes',
  code: new URL('./run.ts', import.meta.url),
  summary: 'Fits the size of published language models against their width: four families, and the Chinchilla models.',
  params: Type.Object({ draws: Type.Integer({ minimum: 10 }), seed: Type.Integer({ minimum: 0 }) }),
  inputs: { languageModels: LanguageModels, chinchilla: SizeTable },
  outputs: { sizes: SizeFits },
});
