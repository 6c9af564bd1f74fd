import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ExponentFit } from '../../../stages/toy/artifacts.ts';
import { closestToNoSuperposition } from '../../../stages/toy/closest-to-no-superposition.ts';

const cells = (alphas: number, gammas: number): ExponentFit[] =>
  Array.from(
    { length: alphas * gammas },
    (_, i) => ({ alpha: i % alphas, gamma: Math.floor(i / alphas), maximumAmbiguity: (i * 37) % 101 }) as ExponentFit,
  );

test("the paper's 170 cells give 9, a smaller sweep the same share, at least 3", () => {
  assert.deepEqual(
    [cells(17, 10), cells(9, 10), cells(5, 5), cells(2, 1)].map((fits) => closestToNoSuperposition(fits).length),
    [9, 5, 3, 2],
  );
});

test('they are those of the smallest ambiguity, of power laws only, and the order of the fits does not matter', () => {
  const fits = cells(17, 10);
  const chosen = closestToNoSuperposition(fits);
  const rest = fits.filter((fit) => !chosen.includes(fit));
  assert.ok(
    Math.max(...chosen.map((fit) => fit.maximumAmbiguity)) <= Math.min(...rest.map((fit) => fit.maximumAmbiguity)),
  );
  assert.deepEqual(closestToNoSuperposition([...fits].reverse()), chosen);
  const other = { ...fits[0]!, alpha: null, maximumAmbiguity: -1 };
  assert.deepEqual(closestToNoSuperposition([other, ...fits]), chosen);
});
