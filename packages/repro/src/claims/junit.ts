/** The gate's findings as a JUnit report: a test case for each part of each claim. */
import { xml } from '../escape.ts';
import type { GateFinding } from './gate.ts';

export function junitReport(set: string, findings: readonly GateFinding[]): string {
  const cases = findings.map(({ id, part, verdict, measured, status, message }) => {
    const name = part === null ? id : `${id} (${part})`;
    const test = `    <testcase classname=${attribute(`claims.${set}`)} name=${attribute(name)}`;
    const found = measured ? `${verdict}, ${measured}` : verdict;
    if (status === 'refused') return `${test}><failure message=${attribute(`${found}: ${message}`)}/></testcase>`;
    if (status === 'not required') return `${test}><skipped message=${attribute(found)}/></testcase>`;
    return `${test}><system-out>${xml(`${status}: ${found}`)}</system-out></testcase>`;
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
  return `"${xml(text)}"`;
}
