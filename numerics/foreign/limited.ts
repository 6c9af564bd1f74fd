/**
 * Code that decodes bytes from elsewhere, in a process with a limit of memory and of time that end it. What it returns
 * depends on its input alone: a limit ends in an Error, never in another result.
 *
 * The process has one thread that loads the bundle that the caller is part of, stops at the service that was asked for,
 * and never goes on to what comes after it. So a service is defined at the top level of its module, after all it uses:
 *
 *     export const openReader = await limited('reader', (start: Start) => (question: Question) => answer);
 *
 * Why a process: a thread that asks for one large piece of memory beyond its limit ends the process that it is part of.
 */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { deserialize, serialize } from 'node:v8';
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { supervisor } from './supervisor.ts';
import type { FromThread, Launch, ToThread } from './supervisor.ts';

/** One process. Questions are answered one after another. */
export interface Limited<Question, Answer> {
  /** Throws the Error that the service threw; or, in one line, which limit ended it. After that, it answers no more. */
  ask(question: Question): Promise<Answer>;
  close(): Promise<void>;
}

export interface LimitedOptions {
  /** What is decoded, which begins each message. */
  readonly name: string;
  /** What to do where a limit is reached. */
  readonly advice: string;
  /** Of objects and texts in memory; what lies outside of the heap of JavaScript may take as much again. */
  readonly megabytes?: number | undefined;
  /** For one question, less the time that `supply` takes. */
  readonly seconds?: number | undefined;
  /** Answers what the service asks for by its second argument: ranges of a file, for instance. Its errors are thrown by `ask`. */
  readonly supply?: (request: unknown) => Promise<unknown>;
}

type Supply = (request: unknown) => Promise<unknown>;
type Answering<Question, Answer> = (question: Question) => Answer | Promise<Answer>;
type Service<Start, Question, Answer> = (
  start: Start,
  supply: Supply,
) => Answering<Question, Answer> | Promise<Answering<Question, Answer>>;

/** Several times what the largest documents and vocabularies in use take. */
const defaultMegabytes = 256;
const defaultSeconds = 30;

/**
 * Bytes of a JSON text that needs no process with limits: nested as little as parseForeignJson allows, no value takes
 * more than some tens of bytes for each of them, nor more than some tens of milliseconds. What the hub says of most
 * repositories is smaller.
 */
export const smallJson = 2 ** 16;

/** Not spelled as usual: the URL of what runs, which is the bundle, not the source. */
const bundle = import.meta['url'];

/**
 * Defines a service, of a name of its own. Resolves at once to what opens a process for it; in such a process it serves,
 * and never resolves.
 */
export async function limited<Start, Question, Answer>(
  service: string,
  make: Service<Start, Question, Answer>,
): Promise<(start: Start, options: LimitedOptions) => Limited<Question, Answer>> {
  if (!isMainThread && (workerData as { limitedService?: string } | null)?.limitedService === service) {
    serve(parentPort!, make as Service<unknown, unknown, unknown>);
    await new Promise(() => undefined);
  }
  return (start, options) => new LimitedProcess(service, start, options) as Limited<Question, Answer>;
}

function serve(port: MessagePort, make: Service<unknown, unknown, unknown>): void {
  const say = (message: FromThread): void => port.postMessage(message);
  const wanted = new Map<number, (value: unknown) => void>();
  let count = 0;
  const supply: Supply = (request) => {
    const id = count++;
    say({ type: 'wanted', id, value: serialize(request) });
    return new Promise((resolve) => void wanted.set(id, resolve));
  };
  const { start } = workerData as { start: Uint8Array };
  let answering: Promise<Answering<unknown, unknown>> | undefined;
  port.on('message', (message: ToThread) => {
    if (message.type === 'question') return void answer(deserialize(message.value));
    wanted.get(message.id)!(deserialize(message.value));
    wanted.delete(message.id);
  });
  say({ type: 'ready' });

  async function answer(question: unknown): Promise<void> {
    try {
      answering ??= (async () => make(deserialize(start), supply))();
      say({ type: 'answer', value: serialize(await (await answering)(question)) });
    } catch (error) {
      const { name, message } = error instanceof Error ? error : new Error(String(error));
      say({ type: 'failed', name, message });
    }
  }
}

class LimitedProcess implements Limited<unknown, unknown> {
  readonly #options: LimitedOptions;
  readonly #child: ChildProcess;
  readonly #megabytes: number;
  readonly #ready: Promise<void>;
  readonly #exited: Promise<void>;
  #settle: { readonly resolve: (value: unknown) => void; readonly reject: (error: Error) => void } | undefined;
  #ended: Error | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** How many of its requests are not answered yet: time that others take does not count. */
  #wanted = 0;

  constructor(service: string, start: unknown, options: LimitedOptions) {
    this.#options = options;
    this.#megabytes = options.megabytes ?? defaultMegabytes;
    // No way to the terminal, and no variable that changes how Node works.
    this.#child = fork('-', [], {
      execArgv: ['--input-type=commonjs', '-e', supervisor],
      env: {},
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    let isReady: () => void;
    this.#ready = new Promise((resolve) => void (isReady = resolve));
    let hasExited: () => void;
    this.#exited = new Promise((resolve) => void (hasExited = resolve));
    this.#child.on('message', (message: FromThread) => {
      if (message.type === 'ready') isReady();
      else this.#hear(message);
    });
    this.#child.on('error', (error) =>
      this.#end(new Error(`${options.name}: no process to decode it: ${error.message}`)),
    );
    this.#child.on('exit', (code, signal) => {
      // What V8 does where it cannot have as much memory as it must.
      if (signal === 'SIGABRT' || signal === 'SIGTRAP') this.#end(this.#outOfMemory());
      else
        this.#end(
          new Error(`${options.name}: decoding it ended (${signal ?? `exit code ${code}`}): ${options.advice}`),
        );
      isReady();
      hasExited();
    });
    this.#send({ bundle, service, start: serialize(start), megabytes: this.#megabytes });
  }

  async ask(question: unknown): Promise<unknown> {
    await this.#ready;
    if (this.#ended) throw this.#ended;
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
      this.#send({ type: 'question', value: serialize(question) });
      this.#watch();
    });
  }

  async close(): Promise<void> {
    this.#end(new Error(`${this.#options.name}: closed`));
    await this.#exited;
  }

  #hear(message: Exclude<FromThread, { type: 'ready' }>): void {
    clearTimeout(this.#timer);
    switch (message.type) {
      case 'answer':
        return this.#take()?.resolve(deserialize(message.value));
      case 'failed':
        return this.#take()?.reject(Object.assign(new Error(message.message), { name: message.name }));
      case 'wanted':
        return void this.#supply(message.id, deserialize(message.value));
      case 'out-of-memory':
        return this.#end(this.#outOfMemory());
      case 'broken':
        return this.#end(new Error(`${this.#options.name}: decoding it ended: ${message.message}`));
    }
  }

  async #supply(id: number, request: unknown): Promise<void> {
    this.#wanted++;
    try {
      const value = await this.#options.supply!(request);
      this.#wanted--;
      if (this.#ended) return;
      this.#send({ type: 'supplied', id, value: serialize(value) });
      this.#watch();
    } catch (error) {
      this.#end(error as Error);
    }
  }

  #send(message: Launch | ToThread): void {
    // The error comes as an event, or the process has ended, which is told by another.
    this.#child.send(message, () => undefined);
  }

  /** Begins to count the seconds, if the thread has something to do. */
  #watch(): void {
    clearTimeout(this.#timer);
    if (!this.#settle || this.#wanted > 0) return;
    const seconds = this.#options.seconds ?? defaultSeconds;
    this.#timer = setTimeout(() => {
      const { name, advice } = this.#options;
      this.#end(new Error(`${name}: decoding it takes longer than ${seconds} s, the limit: ${advice}`));
    }, 1000 * seconds);
  }

  #outOfMemory(): Error {
    const { name, advice } = this.#options;
    return new Error(`${name}: decoding it takes more than ${this.#megabytes} MB of memory, the limit: ${advice}`);
  }

  /** The first reason counts. */
  #end(error: Error): void {
    clearTimeout(this.#timer);
    this.#ended ??= error;
    this.#take()?.reject(this.#ended);
    this.#child.kill('SIGKILL');
  }

  #take() {
    const settle = this.#settle;
    this.#settle = undefined;
    return settle;
  }
}
