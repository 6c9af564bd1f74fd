/** The headings below which a report shows figures, in the paper's order. */
export const sections = [
  'Loss against model dimension',
  'What superposition is',
  'Weight decay tunes superposition',
  'Model exponents',
  'Weak superposition: the loss of unlearned features',
  'Strong superposition: the geometry of overlaps',
  'Activation density',
  'Large models',
  'Beyond the paper',
  'Language models',
] as const;
export type Section = (typeof sections)[number];
