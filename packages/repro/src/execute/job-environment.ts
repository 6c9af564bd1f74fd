/**
 * The environment of a job. What a stage computes must not depend on the shell that a run was started from, so of the
 * variables there it sees those that it declares, and those by which the machine, the network and devices are reached.
 */

/** Programs, libraries, folders of the user: where things are. */
const machine =
  /^(PATH|HOME|USER|LOGNAME|SHELL|TMPDIR|TEMP|TMP|LD_(LIBRARY_PATH|PRELOAD)|DYLD_\w+|XDG_(RUNTIME_DIR|DATA_DIRS|DATA_HOME|CONFIG_DIRS|CONFIG_HOME))$/;
const windows =
  /^(SystemRoot|SystemDrive|windir|ComSpec|PATHEXT|USERNAME|USERPROFILE|APPDATA|LOCALAPPDATA|ProgramData)$/i;
/** Proxies and certificates. */
const network = /^((https?|all|ftp|no)_proxy|SSL_CERT_(FILE|DIR))$/i;
/** How Node itself runs. NODE_ENV is not among them: packages compute other things by it. */
const runtime =
  /^(NODE_(OPTIONS|EXTRA_CA_CERTS|USE_ENV_PROXY|USE_SYSTEM_CA|V8_COVERAGE|COMPILE_CACHE|PATH)|UV_THREADPOOL_SIZE)$/;
/** Accelerators and their drivers. */
const devices =
  /^((VK|CUDA|NVIDIA|HIP|ROCR|MESA|LIBGL|GALLIUM|DRI|LP)_\w+|DISPLAY|WAYLAND_DISPLAY|XAUTHORITY|GPU_DEVICE_ORDINAL)$/;

/** Whether all jobs see a variable, without its being declared: it changes how results are reached, not what they are. */
function isPassedOn(name: string): boolean {
  return [machine, windows, network, runtime, devices].some((names) => names.test(name));
}

/** Less what a job is not to see. */
export function passedOn(environment: NodeJS.ProcessEnv): Record<string, string> {
  const passed: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment))
    if (value !== undefined && isPassedOn(name)) passed[name] = value;
  return passed;
}

/** Libraries ask for these whatever they are used for: how to print, and whether to print more. */
const harmless =
  /^(CI|TERM|COLORTERM|TERM_PROGRAM\w*|\w*COLORS?|DEBUG\w*|NODE_\w+|npm_\w+|GITHUB_\w+|LANG|LC_\w+|LANGUAGE|TZ|PWD|OLDPWD|WATCH_REPORT_DEPENDENCIES|READABLE_STREAM|GRACEFUL_FS_PLATFORM|TEST_GRACEFUL_FS\w*|OSTYPE|WT_SESSION|TEAMCITY_VERSION|COLUMNS|LINES)$/;

/** Of the variables that a job asked for in vain, those that are set here: with them it may have computed something else. */
export function keptFrom(asked: readonly string[], environment: NodeJS.ProcessEnv = process.env): string[] {
  return asked.filter((name) => environment[name] !== undefined && !isPassedOn(name) && !harmless.test(name)).sort();
}

/** A sentence for who set them: `X is set in your shell and not declared`. */
export function sentenceOfKept([first, ...others]: readonly string[]): string | undefined {
  if (first === undefined) return undefined;
  const more = others.length > 0 ? ` (and ${others.join(', ')})` : '';
  return `it asked for the environment variable ${first}${more}, which is set in your shell and not declared, so it was not there: add variables: ['${first}'] to the stage, or settings: ['${first}'] if no result depends on it`;
}

/** The variables of this process, for the jobs that run here one after another. */
export class JobEnvironment {
  readonly #base: Readonly<Record<string, string | undefined>>;
  readonly #own: NodeJS.ProcessEnv;
  readonly #asked = new Set<string>();

  /** Puts a view of the variables in the place of `process.env`, which notes what is asked for in vain. */
  constructor() {
    this.#own = process.env;
    this.#base = { ...process.env };
    const note = (name: string | symbol): boolean => {
      const isThere = Reflect.has(this.#own, name);
      if (!isThere && typeof name === 'string' && this.#asked.size < mostAsked) this.#asked.add(name.slice(0, 200));
      return isThere;
    };
    process.env = new Proxy(this.#own, {
      get: (target, name) => (note(name), Reflect.get(target, name) as unknown),
      has: (_, name) => note(name),
      set: (target, name, value) => Reflect.set(target, name, value),
    });
  }

  /** The variables are those that each job of this process has, and these. */
  begin(variables: Readonly<Record<string, string>> = {}): void {
    const wanted = { ...this.#base, ...variables };
    for (const name of Object.keys(this.#own)) if (wanted[name] === undefined) delete this.#own[name];
    for (const [name, value] of Object.entries(wanted))
      if (value !== undefined && this.#own[name] !== value) this.#own[name] = value;
    this.#asked.clear();
  }

  /** Names that were asked for since `begin`, and were not there. */
  get asked(): string[] {
    return [...this.#asked];
  }
}

const mostAsked = 200;
