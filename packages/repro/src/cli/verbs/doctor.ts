import { availableParallelism, cpus, platform, release } from 'node:os';
import type { Command } from 'commander';
import type { Examination } from '../../backends/examine.ts';
import { loadParameters } from '../../params/load.ts';
import { planGraph } from '../../session.ts';
import type { Invocation } from '../invocation.ts';
import { withExample, withParameterOptions } from '../options.ts';
import type { CommonOptions } from '../options.ts';
import { print, printJson } from '../print.ts';

type Options = Pick<CommonOptions, 'params' | 'set'> & { readonly json: boolean };

export function doctorVerb(program: Command, invocation: Invocation): void {
  const command = program
    .command('doctor')
    .description(
      'state of each backend on this machine, result of its self-test, and what to install for a faster one; exit code 1 if a self-test fails',
    );
  withParameterOptions(command, invocation)
    .option('--json', 'print JSON', false)
    .action((options: Options) => doctor(invocation, options));
  withExample(command, invocation, 'repro doctor');
}

async function doctor({ pipeline, root }: Invocation, { params, set, json }: Options): Promise<void> {
  const { graph } = planGraph(pipeline, root, loadParameters(root, params, set, pipeline.params));
  const { examineBackends } = await import('../../backends/examine.ts');
  const examinations = await examineBackends(graph);
  const machine = `${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} cores; ${platform()} ${release()} ${process.arch}; Node ${process.version}`;
  if (json) printJson({ machine, backends: examinations });
  else print(text(machine, examinations));
  process.exitCode = examinations.some(({ selfTest }) => selfTest?.passed === false) ? 1 : 0;
}

const words: Readonly<Record<Examination['state'], string>> = {
  fast: 'fast',
  slow: 'not fast',
  absent: 'not here',
  everywhere: 'everywhere',
};

function text(machine: string, examinations: readonly Examination[]): string {
  const lines = [machine];
  if (examinations.length === 0) lines.push('no stage of this set declares backends: everything runs on the processor');
  const width = Math.max(...examinations.map(({ backend }) => backend.length));
  let stage: string | undefined;
  for (const { stage: of, backend, state, message, advice, facts, selfTest, auto } of examinations) {
    if (of !== stage) lines.push('', (stage = of));
    const add = (name: string, value: string): void => void lines.push(`    ${' '.repeat(width)}${name}: ${value}`);
    lines.push(
      `${auto ? '  * ' : '    '}${backend.padEnd(width)}  ${state === 'everywhere' ? message : `${words[state]}: ${message}`}`,
    );
    for (const [name, value] of Object.entries(facts)) add(`  ${name}`, value);
    if (selfTest)
      add(
        '  self-test',
        `${selfTest.passed ? 'passed' : 'FAILED'} in ${selfTest.seconds.toFixed(1)} s: ${selfTest.message}`,
      );
    if (advice !== undefined) add('  to have it', advice);
  }
  if (examinations.length > 0) {
    lines.push('', '* is what --backend auto takes where something has to run.');
    if (!examinations.some(({ state }) => state === 'fast'))
      lines.push('No faster device than the processor was found: everything runs on the processor.');
  }
  return `${lines.join('\n')}\n`;
}
