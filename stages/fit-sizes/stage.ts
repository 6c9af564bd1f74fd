import { Type } from '@sinclair/typebox';
import { defineStage } from '../../engine/index.ts';
import { LanguageModels } from '../artifacts.ts';
import { SizeFits, SizeTable } from '../language-artifacts.ts';

export const fitSizes = defineStage({
  name: 'fit-sizes',
  summary: 'Fits the size of published language models against their width: four families, and the Chinchilla models.',
  params: Type.Object({ draws: Type.Integer({ minimum: 10 }), seed: Type.Integer({ minimum: 0 }) }),
  inputs: { languageModels: LanguageModels, chinchilla: SizeTable },
  outputs: { sizes: SizeFits },
});
