/** Claims and the rules that judge them: what a stage needs to judge and to report. Reading a claims file is in `repro`. */
export { Alternative, ClaimResult, ClaimResults, combineVerdicts, PartResult, Verdict } from './claims/claim.ts';
export { Acknowledgement, Expectation, partId, RuleChange } from './claims/definition.ts';
export type { Claim, Part, Vocabulary } from './claims/definition.ts';
export { allCells, missing, seedCount } from './claims/evidence.ts';
export type {
  Cell,
  CellCount,
  Cells,
  ErrorSource,
  Estimate,
  Evidence,
  Missing,
  SeedCount,
  Unfinished,
} from './claims/evidence.ts';
export { describePart } from './claims/expected.ts';
export { acknowledgementsOf, judgeGate, reasonsOf } from './claims/gate.ts';
export type { Acknowledgements, GateFinding, GateResult } from './claims/gate.ts';
export { judgeClaims } from './claims/judge-claims.ts';
export type { OtherEvidence, Registered } from './claims/judge-claims.ts';
export { countVerdicts, nearLimitNote, verdictStrip, verdictTable } from './claims/markdown.ts';
export { escapeMarkdown, markdownList, markdownTable } from './claims/markdown-text.ts';
export { junitReport } from './claims/junit.ts';
export { formatConstant, formatNumber, formatPercent, formatWithUncertainty } from './claims/numbers.ts';
export { defineQuantity, quantitiesOf } from './claims/quantity.ts';
export type { AnyQuantity, Quantity } from './claims/quantity.ts';
export {
  isLeftOpen,
  isPartOpen,
  isUnfinished,
  judge,
  openWords,
  ruleConstants,
  rules,
  within,
} from './claims/rules.ts';
export type { Judgement, RuleName } from './claims/rules.ts';
export { judgeValue } from './claims/single-value.ts';
export type { ValueClaim } from './claims/single-value.ts';
export { describeRange, describeSelection, inRange, Range, selects } from './claims/selection.ts';
export type { Coordinates, Selection } from './claims/selection.ts';
export { measuredText, verdictMarks, verdictWords } from './claims/words.ts';
