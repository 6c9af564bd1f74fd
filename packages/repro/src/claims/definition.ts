/** What a claim is, as data: the shape of a claims file, generated from the quantities that a pipeline registers. */
import { Type } from '@sinclair/typebox';
import type { Static, TSchema } from '@sinclair/typebox';
import { Verdict } from './claim.ts';
import type { AnyQuantity } from './quantity.ts';
import { rules } from './rules.ts';
import type { RuleName } from './rules.ts';
import { selectionSchema } from './selection.ts';
import type { Coordinates, Selection } from './selection.ts';

const strict = { additionalProperties: false };

export const Expectation = Type.Object(
  {
    value: Type.Optional(Type.Number()),
    uncertainty: Type.Optional(Type.Number()),
    low: Type.Optional(Type.Number()),
    high: Type.Optional(Type.Number()),
    above: Type.Optional(Type.Number()),
    below: Type.Optional(Type.Number()),
    share: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
    halfWidth: Type.Optional(Type.Number()),
  },
  { ...strict, description: 'The numbers of the rule. `low` and `high` are included, `above` and `below` are not.' },
);
export type Expectation = Static<typeof Expectation>;

/** A verdict other than *reproduced* that a set is known to have in one part, and why. */
export const Acknowledgement = Type.Object(
  {
    verdict: Verdict,
    low: Type.Optional(Type.Number({ description: 'Least measured value with which the finding is still the same' })),
    high: Type.Optional(Type.Number({ description: 'Largest such value' })),
    reason: Type.String({ minLength: 1 }),
  },
  strict,
);
export type Acknowledgement = Static<typeof Acknowledgement>;

/** What the quantity is where the claim is true, and at the smallest departure that would matter: power is asked of these. */
export const Effect = Type.Object(
  {
    holds: Type.Number({
      description: 'Measured number, or share of cells within the bounds, where the claim is true',
    }),
    fails: Type.Number({ description: 'The same where it is false by so little that it still matters' }),
    why: Type.String({ minLength: 1, description: 'Why that would matter' }),
  },
  { ...strict, description: 'A true claim and the smallest false one that would matter' },
);
export type Effect = Static<typeof Effect>;

export interface Part {
  readonly quantity: string;
  /** Which group of measurements is meant. */
  readonly experiment?: string;
  readonly cells?: Selection;
  readonly against?: Selection;
  readonly rule: RuleName;
  readonly expectation: Expectation;
  /** Cells that the published design has for the rule. */
  readonly design: number;
  /** A true claim and the smallest false one, between which a set must tell to decide it. */
  readonly effect?: Effect;
  /** Fewest seeds in a cell. */
  readonly seeds?: number;
  /** Why these bounds: the reason of every constant. */
  readonly why: string;
  /** Parameter set -> a finding of that set. */
  readonly acknowledged?: Readonly<Record<string, Acknowledgement>>;
}

/** A change of a rule after results were seen. */
export const RuleChange = Type.Object(
  {
    part: Type.String({ pattern: '^[a-z]$' }),
    before: Type.String({ minLength: 1 }),
    reason: Type.String({ minLength: 1 }),
    verdictBefore: Type.Record(Type.String(), Verdict, { description: 'Parameter set -> verdict by the rule before' }),
  },
  strict,
);
export type RuleChange = Static<typeof RuleChange>;

export interface Claim {
  readonly id: string;
  readonly sentence: string;
  readonly source: string;
  readonly by: 'paper' | 'commentary';
  readonly theme: string;
  readonly parts: readonly Part[];
  readonly changes?: readonly RuleChange[];
}

/** What the parts of a claims file may name. */
export interface Vocabulary {
  readonly quantities: readonly Pick<AnyQuantity, 'id' | 'label' | 'kind'>[];
  readonly coordinates: Coordinates<never>;
  /** Groups that the report lists claims by, in its order. */
  readonly themes: readonly string[];
}

const oneOf = (values: readonly string[], description: string): TSchema =>
  Type.String({ enum: [...values], description });

/** The schema of a claims file, `{ "claims": [...] }`. */
export function claimsSchema({ quantities, coordinates, themes }: Vocabulary): TSchema {
  const selection = selectionSchema(coordinates);
  const part = Type.Object(
    {
      quantity: oneOf(
        quantities.map(({ id }) => id),
        'What is measured',
      ),
      experiment: Type.Optional(
        Type.String({ description: 'Whose models are meant: `small`, `density`, `large`, ...' }),
      ),
      cells: Type.Optional(selection),
      against: Type.Optional(selection),
      rule: oneOf(Object.keys(rules), 'How the measured value is compared with the expectation'),
      expectation: Expectation,
      design: Type.Integer({ minimum: 1, description: 'Cells that the published design has for the rule' }),
      effect: Type.Optional(Effect),
      seeds: Type.Optional(Type.Integer({ minimum: 2, description: 'Fewest seeds in a cell' })),
      why: Type.String({ minLength: 1, description: 'Why these bounds: the reason of every constant' }),
      acknowledged: Type.Optional(
        Type.Record(Type.String(), Acknowledgement, {
          description: 'Parameter set -> a verdict other than reproduced that is known there, with its reason',
        }),
      ),
    },
    strict,
  );
  const claim = Type.Object(
    {
      id: Type.String({ pattern: '^[a-z0-9]+(-[a-z0-9]+)*$' }),
      sentence: Type.String({ minLength: 1, description: 'The claim in our own words' }),
      source: Type.String({ minLength: 1, description: 'Where it is made' }),
      by: Type.Union([Type.Literal('paper'), Type.Literal('commentary')], { description: 'Whose claim it is' }),
      theme: oneOf(themes, 'Where the report lists it'),
      parts: Type.Array(part, { minItems: 1, maxItems: 26, description: 'The claim is reproduced only if all are' }),
      changes: Type.Optional(
        Type.Array(RuleChange, { description: 'Changes of its rules after results were seen, with their reasons' }),
      ),
    },
    strict,
  );
  return Type.Object(
    { $schema: Type.Optional(Type.String()), claims: Type.Array(claim) },
    { ...strict, title: 'Claims and the rules that judge them' },
  );
}

/** Parts are called a, b, c, ... in the order of their claim. */
export function partId(index: number): string {
  return String.fromCharCode(97 + index);
}
