/** config.json of a checkpoint, as the transformers library writes it (versions 2 to 5). */
import { quoted } from '../foreign/quoted.ts';
import { gpt2 } from './gpt2.ts';
import { gptNeoX } from './gpt-neox.ts';
import { inertMembers } from './inert-members.ts';
import type { LanguageModel } from './language-model.ts';
import { opt } from './opt.ts';
import { qwen2 } from './qwen2.ts';

const architectures: Readonly<Record<string, (configuration: Configuration) => LanguageModel>> = {
  opt,
  gpt2,
  qwen2,
  gpt_neox: gptNeoX,
};

/**
 * The model that a config.json describes. `name` names it in errors. Throws an Error for an architecture that is not
 * known, and for every member that is neither used nor known to change nothing at inference.
 */
export function languageModel(members: Readonly<Record<string, unknown>>, name: string): LanguageModel {
  const configuration = new Configuration(members, name);
  const type = configuration.choice('model_type', Object.keys(architectures));
  const model = architectures[type]!(configuration);
  configuration.refuseTheRest(type);
  return model;
}

/** Members of a config.json, each checked when it is read. A member that is null counts as absent. */
export class Configuration {
  readonly #read = new Set<string>();

  constructor(
    private readonly members: Readonly<Record<string, unknown>>,
    private readonly name: string,
  ) {}

  /** A whole number of at least 1. */
  size(key: string, absent?: number): number {
    const value = this.number(key, absent);
    if (!Number.isSafeInteger(value) || value < 1) this.refuse(key, 'a whole number of at least 1');
    // Larger than any model: what a typing error or a hostile file may say must not be allocated.
    if (value > largestSize) this.refuse(key, `at most ${largestSize}`);
    return value;
  }

  number(key: string, absent?: number): number {
    const value = this.#member(key) ?? absent;
    if (typeof value !== 'number' || !Number.isFinite(value)) return this.refuse(key, 'a number');
    return value;
  }

  flag(key: string, absent: boolean): boolean {
    const value = this.#member(key) ?? absent;
    return typeof value === 'boolean' ? value : this.refuse(key, 'true or false');
  }

  choice<T extends string>(key: string, known: readonly T[], absent?: T): T {
    const value = this.#member(key) ?? absent;
    return known.find((name) => name === value) ?? this.refuse(key, known.join(', '));
  }

  /** Refuses a setting that would change what is computed in a way that is not implemented. */
  require(key: string, value: boolean | null): void {
    const found = this.#member(key) ?? null;
    if (found !== value && found !== null) this.refuse(key, `${value}, which is all that is implemented`);
  }

  /** Refuses a member that says otherwise than what follows from others: `head_dim` than width / heads, for instance. */
  agrees(key: string, value: number, from: string): void {
    const found = this.#member(key) ?? value;
    if (found !== value) this.refuse(key, `${value}, which is ${from}`);
  }

  /** Every layer must attend to all that came before it. */
  fullAttention(layers: number): void {
    const types = this.#member('layer_types') ?? [];
    const isFull =
      Array.isArray(types) &&
      (types.length === 0 || types.length === layers) &&
      types.every((type) => type === 'full_attention');
    if (!isFull) this.refuse('layer_types', `"full_attention" for each of the ${layers} layers`);
  }

  /**
   * Base and share of rotary positions: the members `base` and `share` may be called by any of these names, or stand in
   * `rope_parameters`, as version 5 writes them. Where several are there, they must agree. Scaled positions are refused.
   */
  rotary(
    base: readonly string[],
    share: readonly string[],
    absent: { readonly base: number; readonly share: number },
  ): { readonly base: number; readonly share: number } {
    const inner = this.#rope('rope_parameters', ['rope_theta', 'partial_rotary_factor']);
    this.#rope('rope_scaling', []);
    const found = (names: readonly string[], within: string, otherwise: number): number => {
      const values = [
        ...names.map((name) => [name, this.#member(name)] as const),
        [`rope_parameters.${within}`, inner[within] ?? undefined] as const,
      ].filter(([, value]) => value !== undefined && value !== null);
      for (const [name, value] of values) {
        if (typeof value !== 'number' || !Number.isFinite(value) || value <= 0)
          this.refuse(name, 'a number above 0', value);
        if (value !== values[0]![1])
          this.refuse(name, `${shown(values[0]![1])}, since ${values[0]![0]} is that`, value);
      }
      return (values[0]?.[1] as number | undefined) ?? otherwise;
    };
    return {
      base: found(base, 'rope_theta', absent.base),
      share: found(share, 'partial_rotary_factor', absent.share),
    };
  }

  /** `a` must divide `b`. */
  divides(a: string, b: string, divisor: number, dividend: number): void {
    if (dividend % divisor !== 0)
      throw new Error(`${this.name}: ${b} = ${dividend}: expected a multiple of ${a} = ${divisor}`);
  }

  /** Refuses members that nothing read, unless they are known to change nothing. */
  refuseTheRest(type: string): void {
    for (const [key, value] of Object.entries(this.members)) {
      if (value === null || this.#read.has(key)) continue;
      const inert = inertMembers(type, key);
      if (inert === undefined)
        this.refuse(key, 'no such member: whether it changes what the model computes is not known');
      if (inert !== 'any' && !inert.some((one) => JSON.stringify(one) === JSON.stringify(value)))
        this.refuse(key, `${inert.map(shown).join(' or ')}, which is all that is implemented`);
    }
  }

  /** A description of rotary positions without scaling: `rope_type` "default", and of other members those named. */
  #rope(key: string, known: readonly string[]): Readonly<Record<string, unknown>> {
    const value = this.#member(key) ?? {};
    if (typeof value !== 'object' || Array.isArray(value)) return this.refuse(key, 'an object');
    for (const [name, inner] of Object.entries(value as Record<string, unknown>)) {
      if (inner === null || known.includes(name)) continue;
      if ((name === 'rope_type' || name === 'type') && inner === 'default') continue;
      this.refuse(`${key}.${name}`, 'rope_type "default" and nothing more: other positions are not implemented', inner);
    }
    return value as Readonly<Record<string, unknown>>;
  }

  #member(key: string): unknown {
    this.#read.add(key);
    return Object.hasOwn(this.members, key) ? this.members[key] : undefined;
  }

  /** Throws an Error that names the member and what it holds. */
  refuse(key: string, expected: string, value = this.members[key]): never {
    throw new Error(`${this.name}: ${quoted(key).slice(1, -1)} = ${shown(value)}: expected ${expected}`);
  }
}

/** The largest sizes of published models are a few million. */
const largestSize = 2 ** 28;

function shown(value: unknown): string {
  return quoted(JSON.stringify(value) ?? 'nothing')
    .slice(1, -1)
    .replaceAll('\\"', '"');
}
