/** Figures by what they are about, in the paper's order: those of its appendix stand with those they extend. */
export const figureSections: readonly { readonly heading: string; readonly figures: readonly string[] }[] = [
  { heading: 'Loss against model dimension', figures: ['1b', '1d'] },
  { heading: 'What superposition is', figures: ['2c'] },
  { heading: 'Weight decay tunes superposition', figures: ['3a', '3b', '11', '13'] },
  { heading: 'Model exponents', figures: ['4a', '4b', '14'] },
  { heading: 'Weak superposition: the loss of unlearned features', figures: ['5a', '5b'] },
  {
    heading: 'Strong superposition: the geometry of overlaps',
    figures: ['6a', '6b', '6c', '6d', '6e', '12', '15', '16', '17'],
  },
  { heading: 'Activation density', figures: ['7a', '7b', '18'] },
  { heading: 'Large models', figures: ['9', '10a', '10b', '10c', '10d'] },
  { heading: 'Beyond the paper', figures: ['dead-units', 'breakdown', 'unit-norm'] },
  { heading: 'Language models', figures: ['8a', '8b', '19', '20', '21', '22', '23a', '23b'] },
];
