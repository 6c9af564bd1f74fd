import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Project } from '../project.ts';
import { sumProject } from './project-fixture.ts';

let project: Project;
before(() => {
  project = sumProject({
    'params/typo.json': '{"count": 3, "bse": 1}',
    'params/text.json': '{"count": "three", "base": 1}',
    'params/broken.json': '{\n  "count": 3,\n  "base": ,\n}',
    'params/orphan.json': '{"extends": "nobody"}',
    'params/circle.json': '{"extends": "circle"}',
    'params/list.json': '[]',
    'elsewhere/quick.json': '{"count": 3, "base": 1}',
  });
});
after(() => project.close());

const cases: readonly (readonly [args: readonly string[], message: RegExp])[] = [
  [['run', '--params', 'typo'], /^params\/typo\.json: bse: unknown parameter \(did you mean "base"\?\)$/],
  [['run', '--params', 'text'], /^params\/text\.json: count = "three": expected an integer$/],
  [['run', '--params', 'broken'], /^params\/broken\.json:3:11: ",": expected a value$/],
  [['run', '--params', 'orphan'], /^params\/orphan\.json: extends: nobody: no such parameter set: expected .*quick/],
  [['run', '--params', 'circle'], /^params\/circle\.json: extends itself: expected another set$/],
  [['run', '--params', 'list'], /^params\/list\.json: expected an object of parameters$/],
  [['run', '--params', 'quik'], /^--params quik: no such parameter set \(did you mean "quick"\?\)/],
  [
    ['run', '--params', 'nowhere/set.json'],
    /^nowhere\/set\.json: no such parameter file: expected a JSON file of parameters$/,
  ],
  [
    ['run', '--params', 'elsewhere/quick.json'],
    /^elsewhere\/quick\.json: a set of this name is in params\/, and its report in reports\/quick would be overwritten: give the file another name$/,
  ],
  [['run', '--set', 'bas=2'], /^--set bas=2: bas: unknown parameter \(did you mean "base"\?\)$/],
  [['run', '--set', 'base=2', '--set', 'count=0'], /^--set count=0: count = 0: expected a number >= 1$/],
  [['run', '--set', 'count=many'], /^--set count=many: count = "many": expected an integer$/],
  [['run', '--set', 'base.low=1'], /^--set base\.low=1: base = 1 has no members$/],
  [['run', '--set', '__proto__.x=1'], /^--set __proto__\.x=1: __proto__: unknown parameter/],
  [['run', '--set', 'count'], /^--set count: expected path=value, such as size=500$/],
  [
    ['run', 'gem'],
    /^gem: no node has this name \(did you mean "gen"\?\): expected a stage \(gen, sum, claims\) or a name like gen\[i=0\]$/,
  ],
  [['why', 'gen[i=7]'], /^gen\[i=7\]: no node of gen has this i in this parameter set: expected one of 0, 1, 2$/],
  [['run', 'gen', '--until', 'sum'], /^--until sum: nothing that was named needs it: expected one of gen$/],
  [['run', '--until', 'train'], /^--until train: no such stage: expected one of gen, sum, claims$/],
  [['run', '--backend', 'gpu'], /^--backend gpu: no stage has it: expected auto$/],
  [['run', '--jobs', '0'], /^option '--jobs <n>' argument '0' is invalid. expected a whole number from 1$/],
  [['run', '--jobs', '1e9'], /^option '--jobs <n>' argument '1e9' is invalid. expected at most \d+$/],
  [
    ['run', '--params', 'quick', '--params', 'quick'],
    /^option '--params <set>' argument 'quick' is invalid. given before as 'quick': expected it once$/,
  ],
  [['run', '--set', '.x=1'], /^--set \.x=1: expected path=value, such as size=500$/],
  [['run', '--params', '.'], /^--params \.: it is a directory: expected the name of a set in params\/ \(/],
  [['run', '--set', 'base=1e400'], /^--set base=1e400:1:1: 1e400: expected a number up to 1\.8e308$/],
  [['run', '--jobs', 'two'], /^option '--jobs <n>' argument 'two' is invalid/],
  [
    ['run', '--log', 'xml'],
    /^option '--log <format>' argument 'xml' is invalid. Allowed choices are tty, plain, json.$/,
  ],
  [['run', '--forced'], /^unknown option '--forced' \(Did you mean --force\?\)$/],
  [['rnu'], /^unknown command 'rnu' \(Did you mean run\?\)$/],
  [['why'], /^missing required argument 'node'$/],
  [
    ['run', '--store', 'package.json'],
    /^store .*package\.json: a part of the path is a file: expected a directory that can be written to$/,
  ],
  // Node's own way of making directories never ends there.
  [
    ['run', '--store', '/proc/nothing/here'],
    /^store \/proc\/nothing\/here: (nothing can be made there|permission denied|read-only file system): expected a directory that can be written to$/,
  ],
  [['run', '--store', ''], /^option '--store <dir>' argument '' is invalid. expected a directory$/],
  [['run', '--reports', 'package.json'], /^--reports package\.json: it is a file: expected a directory$/],
  [
    ['run', '--reports', 'artifacts/cas'],
    /^--reports artifacts\/cas: it is inside the store artifacts: expected another/,
  ],
  [['run', '--set', 'base=2', '--set', 'base=3'], /^--set base=3: base is set twice: expected it once$/],
  ...[
    ['export', 'package.json'],
    ['audit', '--sample', '1', '--out', 'package.json'],
    ['verify', '--junit', 'package.json'],
  ].map((args) => [args, /^package\.json: a file of another kind is there: expected a name that is free/] as const),
  [['gc', '--store', 'nothing-here'], /^store .*nothing-here: no store is there/],
  [['completion', 'csh'], /Allowed choices are bash, zsh, fish\.$/],
];

for (const [args, message] of cases) {
  test(`${args.join(' ')}: one line, exit code 2`, async () => {
    const { code, stdout, stderr } = await project.run(...args);
    assert.equal(code, 2, stderr);
    assert.equal(stdout, '');
    const lines = stderr.trimEnd().split('\n');
    assert.equal(lines.length, 1, stderr);
    assert.match(lines[0]!.replace(/^repro: /, ''), message);
  });
}
