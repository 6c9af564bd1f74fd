import { lstatSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../graph/digest.ts';
import { splitSection } from '../page/provenance-slot.ts';
import { uncommittedWords } from './git.ts';
import { parseLock } from './lock.ts';
import type { Lock } from './lock.ts';
import { readSealed, reportsWithout, sectionOf } from './sealed.ts';
import { statementName, statementProblem } from './statement.ts';

/** A file of a report that is not what was published, and why. */
export interface PublishedFault {
  readonly path: string;
  readonly problem: string;
  /** Set where all is as published, and only what is said about it is wrong. */
  readonly about?: 'statement';
}

export const ownFiles = ['lock.json', 'provenance.json'] as const;

/** Paths of the files of a report, its lock and provenance included. */
export function publishedFiles(lock: Lock): string[] {
  return [...Object.keys(lock.published ?? {}), ...ownFiles];
}

/**
 * Compares the files of a published report with its lock, and lock and report with the provenance, without a store.
 * Every file must be named by the lock; a statement (`repro attest`) is compared with all of them if there is one. What was computed is not computed again: that is what `audit` does.
 */
export function verifyPublished(directory: string): PublishedFault[] {
  const lockText = readRegular(directory, 'lock.json');
  const lock = lockText === undefined ? undefined : parseLock(lockText.toString('utf8'));
  if (!lockText || !lock) return [{ path: 'lock.json', problem: lockText ? 'cannot be read as a lock' : 'is missing' }];
  if (!lock.published)
    return [
      { path: 'lock.json', problem: 'names no published files: an earlier version wrote it, run and publish again' },
    ];

  const faults: PublishedFault[] = [];
  const fault = (path: string, problem: string): void => void faults.push({ path, problem });
  const provenance = readRegular(directory, 'provenance.json');
  const sealed = provenance && readSealed(provenance.toString('utf8'));
  if (!sealed) fault('provenance.json', 'is missing');
  else if ('problem' in sealed) fault('provenance.json', `is not what was published: ${sealed.problem}`);
  const facts = sealed && 'facts' in sealed ? sealed.facts : undefined;
  if (facts && facts.lock !== sha256(lockText)) fault('lock.json', 'is not the one that provenance.json names');
  if (facts?.commit?.includes(uncommittedWords))
    fault('provenance.json', 'is of code that was not committed: commit it, and run again');

  for (const path of Object.keys(lock.published)) {
    const bytes = readRegular(directory, path);
    const expected = publishedDigest(lock, path);
    if (!bytes) fault(path, 'is missing');
    else if (expected === undefined) fault('lock.json', `names no output for ${path}`);
    else if (path === facts?.page?.path) {
      const problem = pageProblem(bytes.toString('utf8'), expected, facts.page.section);
      if (problem !== undefined) fault(path, problem);
    } else if (sha256(bytes) !== expected) {
      const problem = reportProblem(bytes.toString('utf8'), expected, facts?.section);
      if (problem !== undefined) fault(path, problem);
    }
  }
  for (const path of filesBelow(directory)) {
    if (path === statementName || publishedFiles(lock).includes(path)) continue;
    fault(path, 'is not named by lock.json');
  }
  if (facts && faults.length === 0) {
    const problem = statementProblem(directory, publishedFiles(lock), facts);
    if (problem !== undefined) faults.push({ path: statementName, problem, about: 'statement' });
  }
  return faults;
}

/** Digest of the output that a published file is a copy of. */
function publishedDigest(lock: Lock, path: string): string | undefined {
  const from = lock.published?.[path];
  if (!from || !Object.hasOwn(lock.nodes, from.node)) return undefined;
  const { outputs } = lock.nodes[from.node]!;
  return Object.hasOwn(outputs, from.output) ? outputs[from.output] : undefined;
}

/** The page has the provenance in its place. */
function pageProblem(published: string, expected: string, section: string): string | undefined {
  const parts = splitSection(published);
  if (!parts || sha256(parts.page) !== expected) return 'is not what was published';
  return sha256(parts.section) === section ? undefined : 'has another provenance in it than was published';
}

/** The report alone has the provenance at its end. */
function reportProblem(published: string, expected: string, section: string | null | undefined): string | undefined {
  const other = 'is not what was published';
  const own = section && sectionOf(published);
  if (!own) return other;
  const intact = reportsWithout(published, own).some((text) => sha256(text) === expected);
  if (!intact) return other;
  return sha256(own) === section ? undefined : 'has another provenance at its end than was published';
}

/** A file itself, never what a link points to. */
function readRegular(directory: string, path: string): Buffer | undefined {
  const file = join(directory, path);
  return lstatSync(file, { throwIfNoEntry: false })?.isFile() ? readFileSync(file) : undefined;
}

function filesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) =>
      join(entry.parentPath ?? entry.path, entry.name)
        .slice(directory.length + 1)
        .replaceAll('\\', '/'),
    )
    .sort();
}
