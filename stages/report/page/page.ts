/** The report of a parameter set as one page of HTML. Pure: the build system fills in the provenance. */
import type { ClaimResult } from 'repro/claims';
import { html, inlineText, renderPage } from 'repro/page';
import type { Download, PageFigure, PageSection } from 'repro/page';
import { sections } from '../../figures/sections.ts';
import type { PublishedPointsContent } from '../../published/points.ts';
import type { FittedSweepContent } from '../../toy/artifacts.ts';
import { unfinishedNote } from '../../toy/unfinished.ts';
import { deviations, readingNotes } from '../notes.ts';
import { figuresOf } from '../sections/claims.ts';
import { centralSentences, headline, firstPicture } from '../sections/first-screen.ts';
import { initialBiasSection } from '../sections/initial-biases.ts';
import { replicationSection } from '../sections/replication.ts';
import type { ReportContent } from '../report-content.ts';
import { htmlOfBlocks } from './blocks.ts';
import { exponentMaps } from './map.ts';
import mapScript from './map.browser';
import mapStyle from './map.css';

export interface ResultsPage {
  readonly set: string;
  readonly title: string;
  /** What was run, in a sentence or two. */
  readonly description: string;
  /** Ids of the claims that this set must decide. */
  readonly decides: readonly string[];
  /** Claim -> part -> why it is not reproduced, where that is known. */
  readonly reasons: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly results: readonly ClaimResult[];
  readonly sweeps: readonly FittedSweepContent[];
  readonly figures: readonly PageFigure[];
  readonly points: PublishedPointsContent;
  readonly firstSteps?: ReportContent['firstSteps'];
  readonly trainers?: ReportContent['trainers'];
}

/** Sections of the report that the page has too: nothing for those that a set has nothing for. */
function reportSections({ sweeps, results, points, figures, firstSteps, trainers }: ResultsPage): PageSection[] {
  const captions = figures.map(({ figure, title, section, caption }) => ({ figure, title, section, caption }));
  const biases = initialBiasSection({ sweeps, results, captions, firstSteps, trainers });
  const replication = replicationSection(sweeps, points);
  return [
    { id: biasSection, title: 'What rests on the initial biases', short: 'Initial biases', blocks: biases },
    {
      id: 'authors-points',
      title: 'Our numbers and the authors’ points',
      short: 'Authors’ points',
      blocks: replication,
    },
  ]
    .filter(({ blocks }) => blocks.length > 0)
    .map(({ blocks, ...section }) => ({ ...section, body: htmlOfBlocks(blocks) }));
}

const biasSection = 'what-rests-on-the-initial-biases';

/** First the central claim, then what does not hold, claims, initial biases, the authors' points, the map of exponents, figures, notes, data. */
export function renderResultsPage(content: ResultsPage): string {
  const { set, title, description, results, sweeps } = content;
  const order = (section: string): number => (sections as readonly string[]).indexOf(section) >>> 0;
  const figures = [...content.figures].sort((a, b) => order(a.section) - order(b.section));
  const own = reportSections(content);
  const hasBiases = own.some(({ id }) => id === biasSection);
  const maps = exponentMaps(sweeps);
  const unfinished = unfinishedNote(sweeps);
  const [answer, ...more] = centralSentences(results, sweeps);
  return renderPage({
    ...content,
    headline: headline(results) ?? title,
    origin: html`A reproduction of Y. Liu, Z. Liu and J. Gore, <i>Superposition Yields Robust Neural Scaling</i>,
      <a href="https://arxiv.org/abs/2505.10465">arXiv:2505.10465</a>, NeurIPS 2025. Parameter set <b>${set}</b>.`,
    lead: [
      html`${answer}`,
      html`${more.join(' ')}${hasBiases && html` <a href="#${biasSection}">What rests on the initial biases</a>`}`,
      ...(unfinished ? [html`<strong>${unfinished}</strong>`] : []),
      inlineText(description),
    ],
    alternatives: [
      { name: 'published', heading: 'Authors’ own points' },
      { name: 'zero-biases', heading: 'Zero initial biases' },
    ],
    figuresOf: ({ source }) => figuresOf(source),
    figures,
    picture: firstPicture(figures, results),
    sections: [...own, ...maps.sections],
    notes: [
      {
        id: 'differences',
        title: 'Where the paper’s text and its authors’ scripts differ',
        short: 'Text and scripts',
        body: list(deviations),
      },
      { id: 'reading', title: 'How to read the verdicts', body: list(readingNotes) },
    ],
    downloads,
    data: maps.data,
    styles: [mapStyle],
    scripts: [mapScript],
  });
}

const list = (items: readonly string[]) =>
  html`<ul>
    ${items.map((item) => html`<li>${inlineText(item)}</li>`)}
  </ul>`;

const downloads: readonly Download[] = [
  { path: 'report.md', title: 'the report as Markdown, with every table' },
  { path: 'claims.json', title: 'every claim and its parts: value, error, cells, seeds, verdict' },
  { path: 'models.csv', title: 'what was measured on every model' },
  { path: 'exponents.csv', title: 'every fit of the loss against the model dimension' },
  { path: 'models.parquet', title: 'models.csv with its types' },
  { path: 'exponents.parquet', title: 'exponents.csv with its types' },
  { path: 'fit-points.csv', title: 'the points of each fit' },
  { path: 'seed-exponents.csv', title: 'the exponent of each seed' },
  { path: 'datapackage.json', title: 'what each column of the tables holds (Frictionless data package)' },
  { path: 'provenance.json', title: 'parameters, machines, packages and times' },
  { path: 'lock.json', title: 'keys and digests of all nodes' },
];
