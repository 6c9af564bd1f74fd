import { sha256 } from './digest.ts';
import type { StageDeclaration } from './declaration.ts';

type Values = Readonly<Record<string, string>>;
type Environment = Readonly<Record<string, string | undefined>>;

/** The variables that a stage declares, with their values: those that are set. Undefined if it declares none. */
export function declaredVariables(
  { variables }: Pick<StageDeclaration, 'variables'>,
  environment: Environment = process.env,
): Values | undefined {
  if (variables === undefined || !Array.isArray(variables)) return variables as Values | undefined;
  const values: Record<string, string> = {};
  for (const name of variables as readonly string[]) {
    const value = environment[name];
    if (value !== undefined) values[name] = value;
  }
  return values;
}

/** For traces, which may be published: a short digest in place of each value. */
export function variableDigests(stage: Pick<StageDeclaration, 'variables'>): Record<string, string> | undefined {
  const values = declaredVariables(stage);
  return (
    values && Object.fromEntries(Object.entries(values).map(([name, value]) => [name, sha256(value).slice(0, 16)]))
  );
}

/** What the process of a job is handed: the variables of its stage, and its settings as they are here. */
export function handedVariables(stage: StageDeclaration, environment: Environment = process.env): Values {
  const wanted = stage.settings ?? [];
  const found: Record<string, string> = {};
  if (wanted.length > 0 || stage.command)
    for (const [name, value] of Object.entries(environment))
      // A command is handed none of them; what installs or contains it may need any.
      if (
        value !== undefined &&
        (stage.command || wanted.some((pattern) => isNamedBy(name, pattern))) &&
        !isFixed(name)
      )
        found[name] = value;
  return { ...found, ...declaredVariables(stage, environment) };
}

/** What is the same for all jobs, unless a stage declares it, or says to which run a job belongs. */
function isFixed(name: string): boolean {
  return /^(TZ|LANG|LANGUAGE|LC_\w+|REPRO_RUN|REPRO_JOB)$/.test(name);
}

/** `HF_*` stands for all names that begin so. */
function isNamedBy(name: string, pattern: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

/** What is wrong with the variables that a stage declares; undefined if nothing is. */
export function variablesProblem({ variables, settings = [], command }: StageDeclaration): string | undefined {
  const given = variables ?? command?.variables ?? [];
  const names = Array.isArray(given) ? (given as readonly string[]) : Object.keys(given);
  if (command && names.includes('PATH'))
    return 'variables: PATH: it is made of the environment and of the PATH here: expected environment: tools({ ... }) for programs, or their paths';
  for (const [member, list] of Object.entries({ variables: names, settings })) {
    for (const name of list) {
      const ending = member === 'settings' ? '\\*?' : '';
      if (typeof name !== 'string' || !new RegExp(`^(?:[A-Za-z_]\\w*${ending}|${ending && '\\*'})$`).test(name))
        return `${member}: ${JSON.stringify(name)}: expected the name of an environment variable, such as MODEL_SIZE${ending && ' or HF_*'}`;
      if (/^REPRO_(RUN|JOB)$/.test(name)) return `${member}: ${name}: the name is reserved: choose another`;
    }
  }
  return undefined;
}
