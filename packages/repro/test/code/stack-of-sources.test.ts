import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sumProject } from '../cli/project-fixture.ts';

test('the stack of a stage that fails names lines of its sources, and nothing of the process that ran it', async () => {
  const project = sumProject({
    'stages/sum/run.ts': `
      import { readJson } from '$engine/runtime.ts';
      import { total } from './total.ts';

      export const run = async ({ inputs }: any) => {
        const unused = 'a name that is shortened';
        total(inputs.nums.map((file: any) => readJson<any>(file).v), unused);
      };`,
    'stages/sum/total.ts': `
      // A comment, which the bundle has not.
      export function total(values: readonly number[], why: string): number {
        if (values.length > 2)
          throw new RangeError(\`\${values.length} values: \${why}\`);
        return values[0]!;
      }`,
  });
  try {
    const { code, stdout } = await project.run('run', '--log', 'plain');
    assert.equal(code, 1);
    const [, shown = ''] = /^FAILED sum .*\n((?: {4}.*\n)*)/m.exec(stdout) ?? [];
    assert.deepEqual(
      shown
        .trimEnd()
        .split('\n')
        .map((line) => line.trim().replace(/^at (?:async )?\S+ /, 'at ')),
      ['RangeError: 3 values: a name that is shortened', 'at (stages/sum/total.ts:5:17)', 'at (stages/sum/run.ts:7:9)'],
      stdout,
    );
  } finally {
    project.close();
  }
});

test('a stage that imports a package that is not installed: the command that gets it', async () => {
  for (const [specifier, name] of [
    ['not-there', 'not-there'],
    ['@no/where/deep', '@no/where'],
  ] as const) {
    const project = sumProject({
      'stages/sum/run.ts': `import '${specifier}';\nexport const run = async () => undefined;`,
    });
    try {
      const { code, stdout } = await project.run('run', '--log', 'plain');
      assert.equal(code, 1);
      const [, message] = /^FAILED sum \(key \w+\): (.*)$/m.exec(stdout) ?? [];
      assert.equal(message, `Cannot find package '${name}': it is not installed: run npm install ${name}`);
    } finally {
      project.close();
    }
  }
});

test('where only comments changed, the lines are those of the sources that are there', async () => {
  const sources = (comment: string): Readonly<Record<string, string>> => ({
    'stages/sum/run.ts': `${comment}export const run = () => {
        throw new RangeError('always');
      };`,
  });
  const project = sumProject(sources(''));
  const shown = async (): Promise<string | undefined> => {
    const { stdout } = await project.run('run', '--log', 'plain');
    return /\((stages\/sum\/run\.ts:\d+)/.exec(stdout)?.[1];
  };
  try {
    for (const [comment, line] of [
      ['', 2],
      ['// One.\n// Two.\n', 4],
      ['', 2],
    ] as const) {
      for (const [path, text] of Object.entries(sources(comment))) project.write(path, text);
      assert.equal(await shown(), `stages/sum/run.ts:${line}`);
    }
  } finally {
    project.close();
  }
});
