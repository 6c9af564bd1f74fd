/** What a claim is, as data: the shape of `params/claims.json`, published as `params/claims.schema.json`. */
import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import { Verdict } from 'repro';
import { quantities, rules } from './names.ts';
import type { QuantityName, RuleName } from './names.ts';

const strict = { additionalProperties: false };

const Range = Type.Object(
  {
    is: Type.Optional(Type.Number({ description: 'Equal, to 0.005: -0.556 means -5/9.' })),
    atLeast: Type.Optional(Type.Number()),
    atMost: Type.Optional(Type.Number()),
    above: Type.Optional(Type.Number()),
    below: Type.Optional(Type.Number()),
  },
  {
    ...strict,
    description:
      'Bounds with a tolerance of 0.005, to allow for rounded grids (none for a measured fraction); `above` and `below` exclude the bound.',
  },
);
export type Range = Static<typeof Range>;

const CellSelection = Type.Object(
  {
    frequencies: Type.Optional(
      Type.Array(Type.Union([Type.Literal('power-law'), Type.Literal('exponential'), Type.Literal('linear')])),
    ),
    alpha: Type.Optional(Range),
    gamma: Type.Optional(Range),
    m: Type.Optional(Range),
    relativeWidth: Type.Optional(
      Type.Unsafe<Range>({
        ...Range,
        description: 'm/n: 63 of the small models is 0.063, 256 of the large ones 0.025',
      }),
    ),
    stronglyRepresentedFraction: Type.Optional(Range),
  },
  { ...strict, description: 'Which cells of the experiment are meant; all without it.' },
);
export type CellSelection = Static<typeof CellSelection>;

const names = <T extends string>(known: Record<T, unknown>, description: string) =>
  Type.Unsafe<T>(Type.String({ enum: Object.keys(known), description }));

const CriterionProperties = {
  quantity: names<QuantityName>(quantities, 'What is measured.'),
  experiment: Type.Optional(Type.String({ description: 'Whose models are meant: `small`, `density`, `large`, ...' })),
  cells: Type.Optional(CellSelection),
  against: Type.Optional(CellSelection),
  rule: names<RuleName>(rules, 'How the measured value is compared with the expectation.'),
  expectation: Type.Object(
    {
      value: Type.Optional(Type.Number()),
      uncertainty: Type.Optional(Type.Number()),
      low: Type.Optional(Type.Number()),
      high: Type.Optional(Type.Number()),
      above: Type.Optional(Type.Number()),
      below: Type.Optional(Type.Number()),
      share: Type.Optional(Type.Number()),
      halfWidth: Type.Optional(Type.Number()),
    },
    { ...strict, description: 'The numbers of the rule. `low` and `high` are included, `above` and `below` are not.' },
  ),
};

export const Criterion = Type.Object(CriterionProperties, strict);
export type Criterion = Static<typeof Criterion>;
export type Expectation = Criterion['expectation'];

export const Acknowledgement = Type.Object({ verdict: Verdict, reason: Type.String({ minLength: 1 }) }, strict);

export const ClaimDefinition = Type.Object(
  {
    id: Type.String({ pattern: '^[a-z0-9]+(-[a-z0-9]+)*$' }),
    sentence: Type.String({ minLength: 1, description: 'The claim in our own words.' }),
    source: Type.String({ minLength: 1, description: 'Where it is made.' }),
    ...CriterionProperties,
    also: Type.Optional(
      Type.Array(Criterion, { description: 'Further criteria: the claim is reproduced only if all are.' }),
    ),
    acknowledged: Type.Optional(
      Type.Record(Type.String(), Acknowledgement, {
        description:
          'Parameter set -> a verdict other than reproduced that is known there, published as a finding with its reason.',
      }),
    ),
  },
  strict,
);
export type ClaimDefinition = Static<typeof ClaimDefinition>;

export const ClaimsFile = Type.Object(
  { $schema: Type.Optional(Type.String()), claims: Type.Array(ClaimDefinition) },
  { ...strict, title: 'Claims of the paper and the rules that judge them' },
);
