import { startWithin, textWidth } from '../text-width.ts';

/** Node names for people: `train small α=0.5 γ=-5/9 m=17` for `train[small,alpha=0.5,gamma=-5/9,m=17]`. */

const greek: Readonly<Record<string, string>> = {
  alpha: 'α',
  beta: 'β',
  gamma: 'γ',
  delta: 'δ',
  epsilon: 'ε',
  eta: 'η',
  theta: 'θ',
  lambda: 'λ',
  mu: 'μ',
  rho: 'ρ',
  sigma: 'σ',
  tau: 'τ',
  phi: 'φ',
  omega: 'ω',
};
const latin = Object.fromEntries(Object.entries(greek).map(([name, letter]) => [letter, name]));

export function shownName(name: string): string {
  const match = /^([^[]*)\[([^\]]*)\](#[0-9a-f]+)?$/.exec(name);
  if (!match) return name;
  const [, stage, inside, digest = ''] = match;
  const parts = inside!.split(',').map((part) => part.replace(/^[A-Za-z]+(?==)/, (label) => greek[label] ?? label));
  return [stage, ...parts].join(' ') + digest;
}

/** The name that was meant: a shown one, with spaces or Greek letters, as it is in patterns. */
export function plainName(written: string): string {
  const plain = written.trim().replace(/[α-ω](?==)/g, (letter) => latin[letter] ?? letter);
  if (!/\s/.test(plain)) return plain;
  const [stage, ...parts] = plain.split(/\s+/);
  const digest = /#[0-9a-f]+$/.exec(plain)?.[0] ?? '';
  return `${stage}[${parts.join(',').replace(/#[0-9a-f]+$/, '')}]${digest}`;
}

/** Cuts the middle out of a text that is too long: the ends of a name, with gamma and m, say most. */
export function cutMiddle(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  const end = Math.ceil((width - 1) * 0.6);
  const backwards = startWithin([...text].reverse().join(''), end);
  return `${startWithin(text, width - 1 - end)}…${[...backwards].reverse().join('')}`;
}
