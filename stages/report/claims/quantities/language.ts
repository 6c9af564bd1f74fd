/** What is claimed of language models. Only published facts are at hand until the models themselves are read. */
import { missing } from '../evidence.ts';
import { formatNumber } from '../../format.ts';
import type { Quantity } from './sources.ts';

/** (m^2/2) / n with n the rows of the head: above 1, all tokens could be in an equiangular frame. */
export const vocabularyRoom: Quantity = (_, { languageModels }) => {
  const models = languageModels.families
    .flatMap((family) => family.models)
    .map(({ model, width, vocabulary }) => ({ model, room: (width * width) / 2 / vocabulary }))
    .sort((a, b) => a.room - b.room);
  if (!models.length) return missing('Needs the published widths and vocabularies.');
  return {
    kind: 'cells',
    values: models.map(({ room }) => room),
    detail: `(m²/2)/n of ${models.length} models; the smallest is ${models[0]!.model} at ${formatNumber(models[0]!.room)}.`,
  };
};

const needsModels = missing("Out of this set's scale: needs the language models themselves, which this set does not read.");
export const unread: Quantity = () => needsModels;
export const unreadSizes: Quantity = () => missing("Out of this set's scale: needs the table of Chinchilla's models.");
