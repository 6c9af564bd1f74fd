/** What a reader must know beside the numbers. */

export const deviations: readonly string[] = [
  'The loss: the text sums squared errors over features. The scripts minimise their mean over batch and features (times 100 for the large models) and report n times it. Adam is nearly blind to that factor but for its ε = 1e−8, which is not small beside the gradients of rare features. The scripts’ factor is used: 1 for small models, 100 for large ones; `lossScale` selects another, n the text’s sum.',
  'The final loss: by the text on fresh data of 100 batches, by the scripts the mean of the last 100 training losses. The paper’s parameters follow the text; `readings.finalLoss` selects the other for fits, claims and figures.',
  'The large models: batch 2048 and 20,000 steps in the text, 8192 and 40,000 by default in the scripts. The paper’s parameters follow the text; `large.training` selects others, and `params/paper-scripts.json` has the scripts’ values of this and of all that differs.',
  'Exponential and linear frequencies: features are counted from 1 in the text, from 0 in the scripts. The paper’s parameters follow the text; `firstIndex` selects the other.',
  'Weight decay acts on W only; the bias has none. For γ < 0 the scripts add 1e−8 to the row norm they divide by, as is done here; to norms from 0.25 up that adds nothing in 32 bits, so no parameter takes it away.',
  'The formula of Appendix D.5 for the loss of unlearned features lacks the factor ⟨v²⟩ = 4/3 that Eq. 4 and the axis of Fig. 5a have. It is restored here, and the sum of Eq. 4 is used rather than its integral; `readings.unlearnedLoss` selects the formula as it is printed.',
  'The mean square overlap is compared with the Welch bound at the number of rows counted in each model, not at min(n, m²/2).',
  'Fig. 15’s reference, sampled in the paper, is known in closed form: the variance of |cos| between random directions is 1/m − Γ(m/2)²/(π Γ((m + 1)/2)²).',
  'Language models: the scripts load weights in 8 bits by default; here they are the checkpoint’s own. Means over texts are weighted by the texts’ token counts, special tokens included, as the authors weight. Losses and sizes go with the width of the layers, overlaps with that of the head: opt-350m has 1024 and 512. Texts of wikitext and BookCorpus are rows joined by a space, as they are; the scripts leave one more space at the end. Rows are not joined where tokens are counted.',
];

export const readingNotes: readonly string[] = [
  '*Reproduced*, *not reproduced*: the rule under “Expected” holds or does not. *Inconclusive*: the precision it asks for was not reached. *Not run*: this set has no evidence, or lacks something that a part of the claim needs.',
  'The rules were fixed before any result, but for one, made stricter after it: that the weak features’ part of the loss falls faster (`loss-decomposition`) is asked with its 95% interval, since a mean within its own error of 0 had passed. They are data in `params/claims.json`; a claim with several parts is reproduced only if each part is; they stand in the same order under “Expected” and “Measured”, and what does not hold is in bold.',
  'A cell is one point of the sweep: one model, or, for an exponent, one line through the models that differ only in m. A smaller set applies a rule to the cells it has.',
  'Of an estimate, ± is its standard error; of a mean over cells, the standard error of that mean. Shares, medians and extremes have none; their spread is given under “How each was measured”.',
  'Strong superposition is γ < 0, weak superposition γ > 0. A row is represented if its norm exceeds ½ (their fraction is φ½) and strongly represented if it exceeds 1 (φ₁). α is the exponent of the feature frequencies, αₘ that of the loss in m.',
  'Conditions that the paper states for 170 cells at n = 1000 are applied in proportion: the 9 cells closest to no superposition become the same share of the cells (at least 3); φ₁ n ≥ 3 m is asked from m = 10, the smallest width of the paper, since below it m²/2 itself falls short of it.',
  'The parts of the loss are those of Eq. 10: the loss when one feature alone is active, exact for each feature, weighted by its frequency and summed over the strongly represented features or the others. More features are strong at larger m, so the slopes per activation of a strong feature stand beside those of its sum.',
  'Where all features are equally frequent (α = 0) none can rank higher: such cells have no Mann-Whitney test. Overlaps are judged from 10 rows on, strong ones where there are more of them than m. How many cells that leaves out is told.',
  'Where a cell was trained again under other seeds, the exponent’s mean over seeds, with its standard error, stands behind the fit’s own, and its 95% interval (Student’s t) under “How each was measured”.',
  'A finding is a verdict other than reproduced that is known and explained; it is reported as it is.',
  'The size N of a language model is told both ways: all parameters, a tied head counted once, and those less embeddings and head. Errors of αₘ from N are added in quadrature; the paper’s 0.06 is their plain sum. Eq. 14 sums over the vocabulary and falls with the norms, which are a family’s own: its slope is one for all families, with a constant for each.',
];
