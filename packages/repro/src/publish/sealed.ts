import { canonicalJson } from '../graph/canonical-json.ts';
import { sha256 } from '../graph/digest.ts';
import { isObject } from '../is-object.ts';
import { isDigest, parseJsonText } from '../store/records.ts';
import type { Provenance } from './provenance.ts';

/**
 * What ties the files of a report together, without a store: lock.json names the digest of each published file;
 * provenance.json names the digest of lock.json and of the section at the end of the report, and carries its own.
 * The lock itself stays the same on every machine.
 */
export interface Seals {
  /** Digest of lock.json. */
  readonly lock: string;
  /** Digest of the provenance at the end of the report; null if there is no report. */
  readonly section: string | null;
  /** Where the page is, and the digest of the provenance within it; only if there is a page. */
  readonly page?: { readonly path: string; readonly section: string };
  /** Digest of all else in provenance.json, as canonical JSON. */
  readonly seal: string;
}

export type SealedProvenance = Provenance & Seals;

export function sealProvenance(
  facts: Provenance,
  lock: string,
  section: string | null,
  page?: { readonly path: string; readonly section: string },
): SealedProvenance {
  const content = {
    ...facts,
    lock: sha256(lock),
    section: section === null ? null : sha256(section),
    ...(page && { page: { path: page.path, section: sha256(page.section) } }),
  };
  return { ...content, seal: sha256(canonicalJson(content)) };
}

/** A provenance.json with an intact seal, or what is wrong with it. */
export function readSealed(text: string): { readonly facts: SealedProvenance } | { readonly problem: string } {
  const value = parseJsonText(text);
  if (!isObject(value)) return { problem: 'it is no JSON object' };
  const { seal, ...content } = value;
  if (!isDigest(seal)) return { problem: 'it has no seal: an earlier version wrote it, run and publish again' };
  if (sha256(canonicalJson(content)) !== seal) return { problem: 'it was changed after it was published' };
  return { facts: value as unknown as SealedProvenance };
}

/** The published report: what the stage wrote, and the provenance. */
export function reportWith(text: string, section: string): string {
  return `${text}${text.endsWith('\n') ? '' : '\n'}\n${section}`;
}

/** What the stage may have written, of a published report that ends with this section; none if it does not. */
export function reportsWithout(published: string, section: string): string[] {
  if (!published.endsWith(`\n\n${section}`)) return [];
  const text = published.slice(0, -section.length - 1);
  return [text, text.slice(0, -1)];
}

const heading = '## Provenance\n';

/** The provenance at the end of a published report; undefined if it has none. */
export function sectionOf(published: string): string | undefined {
  const at = published.lastIndexOf(`\n${heading}`);
  return at < 0 ? undefined : published.slice(at + 1);
}
