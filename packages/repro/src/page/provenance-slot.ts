/** Where the provenance goes in a page: the stage leaves the place empty, and what is published has it filled in. */

const begin = '<!--repro:provenance-->';
const end = '<!--/repro:provenance-->';

/** As the stage writes it. */
export const provenanceSlot = begin + end;

/** The page with the section filled in; undefined if it has not exactly one place for it. */
export function withSection(page: string, section: string): string | undefined {
  const parts = page.split(provenanceSlot);
  return parts.length === 2 ? parts.join(begin + section + end) : undefined;
}

/** A published page taken apart: what the stage wrote, and the section; undefined if it has none. */
export function splitSection(published: string): { readonly page: string; readonly section: string } | undefined {
  const from = published.indexOf(begin);
  const to = published.lastIndexOf(end);
  if (from < 0 || to < from) return undefined;
  return {
    page: published.slice(0, from) + provenanceSlot + published.slice(to + end.length),
    section: published.slice(from + begin.length, to),
  };
}
