/** What published facts alone say of language models. */
import { missing } from '../evidence.ts';
import type { Missing } from '../evidence.ts';
import { formatNumber } from '../../format.ts';
import type { Quantity, Sources } from './sources.ts';

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

/** Why there is nothing to say of the models themselves: this set does not read them, or they could not be had here. */
export function unreadModels({ readsModels }: Sources): Missing {
  return missing(
    readsModels
      ? 'Not to be had where this ran: needs the language models, which were not all fetched and evaluated; `status` says of each node why.'
      : "Out of this set's scale: needs the language models themselves, which this set does not read.",
  );
}
