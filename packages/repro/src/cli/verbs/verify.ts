import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { GateFinding } from '../../claims/gate.ts';
import type { Verification } from '../../claims/verify.ts';
import { exampleWords } from '../invocation.ts';
import type { Invocation } from '../invocation.ts';
import { openFrom, withCommonOptions, withExample } from '../options.ts';
import type { CommonOptions } from '../options.ts';
import { print, printJson, table } from '../print.ts';

interface Options extends CommonOptions {
  readonly strict: boolean;
  readonly json: boolean;
  readonly junit: string | undefined;
}

export function verifyVerb(program: Command, invocation: Invocation): void {
  const command = program
    .command('verify')
    .description(
      'the claims gate: exit code 0 only if every claim that the set must decide is reproduced, or acknowledged as it is',
    );
  withCommonOptions(command, invocation)
    .option('--strict', 'ask it of all claims, not only of those that the set must decide', false)
    .option('--json', 'print JSON', false)
    .option('--junit <file>', 'also write a JUnit report, for CI')
    .action((options: Options) => verifyClaims(invocation, options));
  withExample(command, invocation, `repro verify --params ${exampleWords(invocation).set} --junit claims.xml`);
}

async function verifyClaims(invocation: Invocation, options: Options): Promise<void> {
  const [session, { verify }] = await Promise.all([openFrom(invocation, options), import('../../claims/verify.ts')]);
  const set = session.parameters.name;
  const verification = verify(session, options.strict);
  session.close();
  if (options.junit !== undefined) writeFileSync(options.junit, junit(set, verification));
  const open = verification.current && verification.gate.open;
  if (options.json) {
    printJson(
      verification.current
        ? { set, open, current: true, findings: verification.gate.findings }
        : { set, open, current: false, message: verification.message },
    );
  } else if (verification.current) {
    const { findings } = verification.gate;
    print(
      table([
        ['claim', 'verdict', 'gate', ''],
        ...findings.map(({ id, verdict, status, message }) => [id, verdict, status, message]),
      ]),
    );
    const count = (status: GateFinding['status']): number =>
      findings.filter((finding) => finding.status === status).length;
    print(
      `${set}: the gate is ${open ? 'open' : 'shut'}: ${count('passed')} reproduced, ${count('acknowledged')} acknowledged, ${count('refused')} refused, ${count('not required')} not required\n`,
    );
  } else process.stderr.write(`repro: ${set}: ${verification.message}\n`);
  process.exitCode = open ? 0 : 1;
}

function junit(set: string, verification: Verification): string {
  const findings: readonly GateFinding[] = verification.current
    ? verification.gate.findings
    : [{ id: 'report', verdict: 'absent', status: 'refused', message: verification.message }];
  const cases = findings.map(({ id, verdict, status, message }) => {
    const name = `    <testcase classname=${attribute(`claims.${set}`)} name=${attribute(id)}`;
    if (status === 'refused') return `${name}><failure message=${attribute(`${verdict}: ${message}`)}/></testcase>`;
    return status === 'not required' ? `${name}><skipped message=${attribute(verdict)}/></testcase>` : `${name}/>`;
  });
  const count = (status: GateFinding['status']): number =>
    findings.filter((finding) => finding.status === status).length;
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite name=${attribute(`claims of ${set}`)} tests="${findings.length}" failures="${count('refused')}" skipped="${count('not required')}">
${cases.join('\n')}
  </testsuite>
</testsuites>
`;
}

function attribute(text: string): string {
  const escapes: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    '\n': '&#10;',
  };
  return `"${text.replace(/[&<>"\n]/g, (character) => escapes[character]!)}"`;
}
