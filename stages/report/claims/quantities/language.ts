/** What published facts alone say of language models. */
import { defineQuantity, formatNumber, missing } from 'repro/claims';
import type { Evidence, Missing } from 'repro/claims';
import type { Sources } from './sources.ts';

/** (m^2/2) / n with n the rows of the head: above 1, all tokens could be in an equiangular frame. */
export const vocabularyRoom = defineQuantity<Sources>({
  id: 'vocabulary-room',
  label: '(m²/2)/n',
  kind: 'cells',
  measure: (_, { languageModels }) => {
    const models = (languageModels?.families ?? [])
      .flatMap((family) => family.models)
      .map(({ model, width, vocabulary }) => ({ model, room: (width * width) / 2 / vocabulary }))
      .sort((a, b) => a.room - b.room);
    if (!models.length) return missing('Needs the published widths and vocabularies.');
    return {
      kind: 'cells',
      cells: models.map(({ room }) => ({ value: room })),
      excluded: 0,
      detail: `(m²/2)/n of ${models.length} models; the smallest is ${models[0]!.model} at ${formatNumber(models[0]!.room)}.`,
    };
  },
});

/** Why there is nothing to say of the models themselves: this set does not read them, or they could not be had here. */
export function unreadModels({ readsModels }: Sources): Missing {
  return missing(
    readsModels
      ? 'The language models were not all fetched and evaluated where this ran; `status` says of each node why.'
      : "Out of this set's scale: needs the language models themselves, which this set does not read.",
  );
}

/** Names what was asked for and could not be had where this ran. */
export function notHad(names: readonly string[] | undefined): string {
  return names?.length ? ` Not to be had where this ran: ${names.join(', ')}.` : '';
}

/** The evidence with more to say of how it was measured. */
export function withDetail<Found extends Evidence>(evidence: Found, more: string): Found {
  return more && 'detail' in evidence ? { ...evidence, detail: `${evidence.detail}${more}` } : evidence;
}
