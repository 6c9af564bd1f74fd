/** config.json of a checkpoint, as the transformers library writes it. */
import { gpt2 } from './gpt2.ts';
import { gptNeoX } from './gpt-neox.ts';
import type { LanguageModel } from './language-model.ts';
import { opt } from './opt.ts';
import { qwen2 } from './qwen2.ts';

const architectures: Readonly<Record<string, (configuration: Configuration) => LanguageModel>> = {
  opt,
  gpt2,
  qwen2,
  gpt_neox: gptNeoX,
};

/** The model that a config.json describes. `name` names it in errors: an architecture or a setting that is not known is refused. */
export function languageModel(members: Readonly<Record<string, unknown>>, name: string): LanguageModel {
  const configuration = new Configuration(members, name);
  const type = configuration.choice('model_type', Object.keys(architectures));
  return architectures[type]!(configuration);
}

/** Members of a config.json, each checked when it is read. A member that is null counts as absent. */
export class Configuration {
  constructor(
    private readonly members: Readonly<Record<string, unknown>>,
    private readonly name: string,
  ) {}

  /** A whole number of at least 1. */
  size(key: string, absent?: number): number {
    const value = this.number(key, absent);
    if (!Number.isSafeInteger(value) || value < 1) this.refuse(key, 'a whole number of at least 1');
    return value;
  }

  number(key: string, absent?: number): number {
    const value = this.members[key] ?? absent;
    if (typeof value !== 'number' || !Number.isFinite(value)) return this.refuse(key, 'a number');
    return value;
  }

  flag(key: string, absent: boolean): boolean {
    const value = this.members[key] ?? absent;
    return typeof value === 'boolean' ? value : this.refuse(key, 'true or false');
  }

  choice<T extends string>(key: string, known: readonly T[], absent?: T): T {
    const value = this.members[key] ?? absent;
    return known.find((name) => name === value) ?? this.refuse(key, known.join(', '));
  }

  /** Refuses a setting that would change what is computed in a way that is not implemented. */
  require(key: string, value: boolean | null): void {
    const found = this.members[key] ?? null;
    if (found !== value && found !== null) this.refuse(key, `${value}, which is all that is implemented`);
  }

  /** `a` must divide `b`. */
  divides(a: string, b: string, divisor: number, dividend: number): void {
    if (dividend % divisor !== 0)
      throw new Error(`${this.name}: ${b} = ${dividend}: expected a multiple of ${a} = ${divisor}`);
  }

  private refuse(key: string, expected: string): never {
    throw new Error(`${this.name}: ${key} = ${JSON.stringify(this.members[key])}: expected ${expected}`);
  }
}
