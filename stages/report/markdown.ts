/** The report as Markdown. Pure: no time, host or version; the build system appends the provenance. */
import { deadMeaning } from '../toy/dead-features.ts';
import { markdownList, markdownTable } from 'repro/claims';
import type { Observation } from './beyond/left-out.ts';
import type { Finding } from './beyond/finding.ts';
import type { ReportContent } from './report-content.ts';
import { claimsSection } from './sections/claims.ts';
import { contradictionsSection } from './sections/contradictions.ts';
import { figuresSection } from './sections/figures.ts';
import { initialBiasSection } from './sections/initial-biases.ts';
import { multiverseSection } from './sections/multiverse.ts';
import { powerSection } from './sections/power.ts';
import { replicationSection } from './sections/replication.ts';
import { ruleChanges } from './sections/rule-changes.ts';
import { firstScreen } from './sections/first-screen.ts';
import { deviations, readingNotes } from './notes.ts';
import { variantsHead, variantsNotes, variantsRows } from './variants-table.ts';

/** The order: what holds, what does not and why, claims by theme, figures, text against scripts, how to read it. */
export function renderReport(content: ReportContent): string {
  const { variants, beyond, observed } = content;
  const sections = [
    ...firstScreen(content),
    ...contradictionsSection(content),
    ...claimsSection(content),
    ...replicationSection(content.sweeps, content.points),
    ...initialBiasSection(content),
    ...figuresSection(content),
    ...(beyond.length ? ['## What the published figures show besides', beyondIntroduction, beyondTable(beyond)] : []),
    ...(observed.length ? ['## Which features are left out', observedIntroduction, observedTable(observed)] : []),
    "## Where the paper's text and its authors' scripts differ",
    markdownList(deviations),
    ...(variants.length ? [variantsNotes(variants), markdownTable(variantsHead, variantsRows(variants))] : []),
    ...multiverseSection(content),
    ...powerSection(content),
    ...ruleChanges(content),
    '## How to read the verdicts',
    markdownList(readingNotes),
  ];
  return sections.join('\n\n') + '\n';
}

const beyondIntroduction =
  'What the authors’ published figures show besides, read off their vector graphics (`params/published/figures.json`), and whether it is so in this run. ' +
  'The published numbers are for the paper’s scale; no parameter was chosen to meet them.';

function beyondTable(findings: readonly Finding[]): string {
  return markdownTable(
    ['What the figure shows', 'Where', 'Published', 'Here', 'Here too?'],
    findings.map(({ finding, where, published, here, holds }) => [
      finding,
      where,
      published,
      here,
      holds ? 'yes' : '**no**',
    ]),
  );
}

const observedIntroduction =
  'Features that a model leaves out make most of its loss: under weak superposition those not represented (Eq. 4), under strong superposition the weakly represented ones. ' +
  'The paper takes the rarest to be left out (Eq. 4, Fig. 6a). Here they are also looked at as units of a network. ' +
  `${deadMeaning} ` +
  'What may have made it so is its frequency or the bias drawn before training, each with the probability that it tells a dead feature from another; 1/2 is chance. Medians over the cells of the small sweep, each the mean over its seeds.';

function observedTable(observed: readonly Observation[]): string {
  return markdownTable(
    ['What is measured', 'Here'],
    observed.map(({ question, measured }) => [question, measured]),
  );
}
