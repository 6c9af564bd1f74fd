/** How language models are told apart in figures: families by colour and shape, data sets by panel. */
import type { Fragment } from 'repro/figures';
import { curveShapes } from './colours.ts';

/** Okabe-Ito, near to the colours that the authors use; a family of another name takes one of the rest. */
const familyColours: Readonly<Record<string, string>> = {
  OPT: '#0072b2',
  'Qwen2.5': '#e69f00',
  'GPT-2': '#009e73',
  Pythia: '#d55e00',
};
const otherColours = ['#cc79a7', '#56b4e9', '#999933', '#332288'];

const datasetNames: Readonly<Record<string, string>> = {
  wikitext: 'WikiText-103',
  c4: 'C4',
  pile: 'the Pile',
  bookcorpus: 'BookCorpus',
};

/** Data sets in the paper's order, others after them. */
export function datasetOrder(names: readonly string[]): string[] {
  return inOrder(names, Object.keys(datasetNames));
}

export function familyOrder(names: readonly string[]): string[] {
  return inOrder(names, Object.keys(familyColours));
}

function inOrder(names: readonly string[], known: readonly string[]): string[] {
  const present = [...new Set(names)].sort();
  return [...known.filter((name) => present.includes(name)), ...present.filter((name) => !known.includes(name))];
}

export function datasetName(dataset: string): string {
  return datasetNames[dataset] ?? dataset;
}

export function familyColour(names: readonly string[], legend: boolean): Fragment {
  const domain = familyOrder(names);
  let others = 0;
  return {
    field: 'family',
    type: 'nominal',
    scale: { domain, range: domain.map((name) => familyColours[name] ?? otherColours[others++ % otherColours.length]) },
    legend: legend ? { title: 'Models', symbolOpacity: 1, symbolSize: 36, symbolType: 'circle' } : null,
  };
}

/** Families by colour and by shape. */
export function familyMarks(names: readonly string[]): { color: Fragment; shape: Fragment } {
  const { legend, ...color } = familyColour(names, true) as { legend: Record<string, unknown>; scale: Fragment };
  const { symbolType: _, ...own } = legend;
  const range = familyOrder(names).map((_, i) => curveShapes[i % curveShapes.length]!);
  return {
    color: { ...color, legend: own },
    shape: { ...color, scale: { ...color.scale, range }, legend: own },
  };
}
