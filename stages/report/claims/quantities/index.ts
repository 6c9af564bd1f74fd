/** From the name of a quantity to how it is computed. */
import type { QuantityName } from '../names.ts';
import * as exponents from './exponents.ts';
import * as geometry from './geometry.ts';
import * as heads from './heads.ts';
import * as language from './language.ts';
import * as losses from './losses.ts';
import * as random from './random.ts';
import * as settings from './settings.ts';
import * as sizes from './sizes.ts';
import type { Quantity } from './sources.ts';
import * as superposition from './superposition.ts';

export const quantityOf: Readonly<Record<QuantityName, Quantity>> = {
  'represented-fraction': superposition.representedFraction,
  'represented-over-width': superposition.representedOverWidth,
  'middle-norm-fraction': superposition.middleNormFraction,
  'represented-alpha-correlation': superposition.representedAlphaCorrelation,
  'loss-ratio': superposition.lossRatio,
  'unlearned-loss-factor': superposition.unlearnedLossFactor,
  'unlearned-loss-share': superposition.unlearnedLossShare,
  'model-exponent': exponents.modelExponent,
  'exponent-estimate': exponents.exponentEstimate,
  'exponent-alpha-slope': exponents.exponentAlphaSlope,
  'exponent-contrast': exponents.exponentContrast,
  'exponent-rule-distance': exponents.exponentRuleDistance,
  'exponent-above-twice': exponents.exponentAboveTwice,
  'fit-r2': exponents.fitR2,
  'closest-exponent-error': exponents.closestExponentError,
  'closest-alpha': exponents.closestAlpha,
  'exponent-density-slope': exponents.exponentDensitySlope,
  'norm-valley': geometry.normValley,
  'strong-rank-p': geometry.strongRankP,
  'strong-count-over-bound': geometry.strongCountOverBound,
  'strong-count-over-width': geometry.strongCountOverWidth,
  'strong-overlap-over-welch': geometry.strongOverlapOverWelch,
  'strong-overlap-slope': geometry.strongOverlapSlope,
  'overlap-variance-ratio': geometry.overlapVarianceRatio,
  'weak-overlap-times-width': geometry.weakOverlapTimesWidth,
  'weak-overlap': geometry.weakOverlap,
  'weak-overlap-slope': geometry.weakOverlapSlope,
  'strong-bias-scaled': geometry.strongBiasScaled,
  'strong-loss-slope': geometry.strongLossSlope,
  'weak-less-strong-slope': geometry.weakLessStrongSlope,
  'loss-spread': settings.lossSpread,
  'loss-density-slope': settings.lossDensitySlope,
  'setting-loss-ratio': settings.settingLossRatio,
  'slope-far-from-n': settings.slopeFarFromN,
  'slope-change-near-n': settings.slopeChangeNearN,
  'unit-norm-loss-ratio': settings.unitNormLossRatio,
  'random-goodness-of-fit': random.randomGoodnessOfFit,
  'random-mean-ratio': random.randomMeanRatio,
  'random-variance-ratio': random.randomVarianceRatio,
  'random-largest-over-welch': random.randomLargestOverWelch,
  'vocabulary-room': language.vocabularyRoom,
  'width-size-exponent': sizes.chinchillaSize,
  'width-size-model-exponent': sizes.chinchillaModelExponent,
  'width-size-families-exponent': sizes.familySize,
  'width-size-families-exponent-less-embeddings': sizes.familySizeLessEmbeddings,
  'llm-overlap-slope': heads.overlapSlope,
  'llm-loss-exponent': losses.lossExponent,
  'llm-linear-r2': losses.linearity,
  'llm-smallest-norm': heads.smallestNorm,
  'llm-norm-slope': heads.normSlope,
  'llm-cross-entropy-slope': heads.crossEntropySlope,
  'zipf-exponent': losses.zipfExponent,
};
