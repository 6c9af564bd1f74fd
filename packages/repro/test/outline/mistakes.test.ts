import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { TSchema } from '@sinclair/typebox';
import { makeProject } from '../project.ts';
import type { Project } from '../project.ts';
import { buildGraph } from '../../src/graph/graph.ts';
import { typeProblem } from '../../src/graph/type-problem.ts';
import { checkPublication } from '../../src/publish/check-publication.ts';
import { isPipeline } from '../../src/pipeline.ts';
import * as repro from '../../src/index.ts';

const {
  agree,
  claim,
  command,
  defineCommand,
  definePipeline,
  defineStage,
  directory,
  fetchFile,
  file,
  from,
  intervalWithin,
  json,
  many,
  share,
  source,
  table,
  Type,
  vegaLite,
  within,
} = repro;

const Points = table('points', { x: 'integer', loss: 'number' });
const dotted = table('dotted', { 'a.b': 'number' });
const Fit = json('fit', Type.Object({ slope: Type.Number() }));
const call = { name: 'fit', outputs: { fit: Fit, points: Points }, run: ['python3', 'fit.py'] };
const facts = { id: 'slope', sentence: 'The slope is 2.', source: 'Eq. 1', rule: agree(2, 0.1) };
const drawn = { mark: 'point', encoding: { x: { field: 'x' }, y: { field: 'loss' } } };

/** As JavaScript, or as TypeScript that nobody checked. */
const unchecked = (value: unknown): never => value as never;

const declared = {
  name: 'mean',
  summary: '',
  params: Type.Object({}),
  inputs: { fits: many(Fit) },
  outputs: { fit: Fit },
};
const mean = defineStage(declared);
const last = defineStage({ ...declared, name: 'last', inputs: { fit: Fit } });

/** What a pipeline of that build is refused with. */
function refusal(build: () => unknown): string {
  const pipeline = definePipeline({ name: 'line', build: unchecked(build) });
  try {
    const { result } = buildGraph(
      (_, params) => params,
      () => pipeline.build({}, { set: 'default', file: 'params/default.json', readText: () => '' }),
    );
    checkPublication(result);
  } catch (error) {
    assert.equal((error as Error).name, 'GraphError', String(error));
    return (error as Error).message;
  }
  return 'none';
}

const made = () => command(call);
/** What a stage or a command is declared with. */
const stageWith = (more: object) => (): unknown => defineStage(unchecked({ ...declared, ...more }));
const commandWith = (more: object) => (): unknown =>
  defineCommand(unchecked({ ...declared, files: [], run: () => ['true'], ...more }));
const mistakes: readonly [build: () => unknown, message: RegExp][] = [
  [
    stageWith({ input: {} }),
    /^defineStage "mean": "input" is no member of it \(did you mean "inputs"\?\): expected some of/,
  ],
  [
    stageWith({ inputs: undefined }),
    /^defineStage "mean": inputs is missing: expected types by name, \{ points: Points \},/,
  ],
  [stageWith({ outputs: undefined }), /^defineStage "mean": outputs is missing: expected types by name/],
  [stageWith({ params: undefined }), /^defineStage "mean": params is missing: expected a schema: Type\.Object/],
  [
    stageWith({ params: { n: 'integer' } }),
    /^defineStage "mean": params = \{"n":"integer"\}: expected a schema: Type\.Object/,
  ],
  [
    stageWith({ code: './run.ts' }),
    /^defineStage "mean": code = "\.\/run\.ts": expected new URL\('\.\/run\.ts', import\.meta\.url\)/,
  ],
  [stageWith({ name: 'a/../b' }), /^defineStage "a\/\.\.\/b": name = "a\/\.\.\/b": expected a name of letters/],
  [stageWith({ name: undefined }), /^defineStage: name is missing: expected a name of letters/],
  [
    stageWith({ variables: 'SIZE' }),
    /^defineStage "mean": variables = "SIZE": expected names of variables, or an object/,
  ],
  [commandWith({ file: ['a.py'] }), /^defineCommand "mean": "file" is no member of it \(did you mean "files"\?\)/],
  [commandWith({ files: 'a.py' }), /^defineCommand "mean": files = "a\.py": expected a list of texts/],
  [commandWith({ run: ['python3'] }), /^defineCommand "mean": run = \["python3"\]: expected a function/],
  [commandWith({ backends: {} }), /^defineCommand "mean": "backends" is no member of it/],
  [
    () => command(unchecked({ ...call, file: ['fit.py'] })),
    /^command "fit": "file" is no member of it \(did you mean "files"\?\)/,
  ],
  [
    () => command(unchecked({ ...call, run: 'python3 fit.py' })),
    /run = "python3 fit.py": expected a list of a program/,
  ],
  [
    () => command({ ...call, outputs: { fit: unchecked(json) } }),
    /^command "fit": outputs\.fit is a function: expected a type of artifact/,
  ],
  [() => command({ ...call, variables: unchecked({ SIZE: 3 }) }), /^command "fit": variables\.SIZE = 3: expected text/],
  [() => command({ ...call, outputs: {} }), /outputs = \{\}: expected at least one output/],
  [() => command({ ...call, name: 'a/../b' }), /name = "a\/\.\.\/b": expected a name of letters/],
  [
    () => command({ ...call, outputs: { plot: file('plot', 'svg') } }),
    /output "plot": extension "svg": expected one with its dot/,
  ],
  [
    () => command({ ...call, outputs: { t: table('t', unchecked({ x: 'float' })) } }),
    /column "x" is of the type "float": expected one of number, integer/,
  ],
  [
    () => command({ ...call, variables: { 'A=B': '1' } }),
    /^stage fit: variables: "A=B": expected the name of an environ/,
  ],
  [
    () => command({ ...call, variables: { PATH: '/x' } }),
    /^stage fit: variables: PATH: it is made of the environment and/,
  ],
  [
    () => command({ ...call, run: unchecked(() => ['python3', '--seed', undefined]) }),
    /^stage fit: run gave a list whose word 3, after "--seed", is undefined: expected a list of a program and its arg/,
  ],
  [
    () => command({ ...call, run: unchecked(() => [NaN]) }),
    /^stage fit: run gave a list whose word 1 is NaN: expected/,
  ],
  [() => command({ ...call, timeLimit: -1 }), /timeLimit = -1: expected seconds/],
  [
    () => command({ ...call, inputs: unchecked({ points: 'points.csv' }) }),
    /^command "fit": inputs\.points = "points\.csv": expected an output/,
  ],
  [() => command(unchecked(undefined)), /^command: the argument is missing: expected an object/],
  [() => claim({ ...facts, value: from(made().fit, 'slop') }), /there is no member "slop": expected one of slope/],
  [() => from(unchecked(undefined), 'slope'), /^from: the first argument is missing: expected an output/],
  [
    () => claim(unchecked({ ...facts, rule: undefined, value: from(made().fit, 'slope') })),
    /^claim "slope": rule is missing/,
  ],
  [
    () => claim({ ...facts, id: 'The Slope', value: from(made().fit, 'slope') }),
    /id = "The Slope": expected small letters/,
  ],
  [() => claim({ ...facts, value: unchecked([]) }), /value = \[\]: expected from\(output, path\)/],
  [
    () =>
      claim({ ...facts, value: from(made().fit, 'slope'), acknowledged: unchecked({ verdict: 'bad', reason: 'x' }) }),
    /acknowledged = .*: expected a verdict/,
  ],
  [
    () =>
      claim({ ...facts, value: from(made().fit, 'slope'), acknowledged: { verdict: 'not-reproduced', reason: 'x' } }),
    /^claim slope: acknowledged: low and high are missing/,
  ],
  [
    () =>
      claim(
        unchecked({
          ...facts,
          ...{ value: [from(made().fit, 'slope')], error: from(made().fit, 'slope'), rule: share(1, { low: 0 }) },
        }),
      ),
    /^claim slope: error: a list of numbers has none/,
  ],
  [
    () => claim({ ...facts, value: from(made().fit, 'slope'), rule: intervalWithin({ low: 0 }) }),
    /^claim slope: the rule "interval-within" judges a 95% interval: expected error: from\(output, path\)/,
  ],
  [() => within({ low: 0, above: 0.5 }), /^within: low and above: expected one of them/],
  [() => within({ low: 1, high: 0.8 }), /^within: low = 1 and high = 0.8: no number is within these/],
  [() => share(0, { low: 1 }), /^share: the least share = 0: expected a number above 0/],
  [
    () => ({
      figures: { a: vegaLite(drawn, command({ ...call, name: 'figure' }).points) },
    }),
    /^a stage is named "figure", as is one of repro's own: give yours another name/,
  ],
  [() => agree(Number.NaN, 0.1), /^agree: value = NaN: expected a finite number/],
  [() => agree(2, -0.1), /^agree: uncertainty = -0.1: expected a number above 0/],
  [() => within(unchecked({ lower: 1 })), /^within: "lower" is no member of it/],
  [() => share(1.5, { below: 1 }), /^share: the least share = 1.5: expected a number above 0 and up to 1/],
  [
    () => vegaLite({ ...drawn, mark: 'pointt' }, made().points),
    /mark "pointt": there is no such mark \(did you mean "point"\?\)/,
  ],
  [() => vegaLite({ encoding: {} }, made().points), /it has no mark/],
  [
    () => vegaLite({ ...drawn, encoding: { X: { field: 'x' } } }, made().points),
    /encoding.X: there is no such channel \(did you mean "x"\?\)/,
  ],
  [
    () => vegaLite({ layer: [{ mark: 'line', encoding: { y: { field: 'los' } } }] }, made().points),
    /encoding.y: there is no column "los" \(did you mean "loss"\?\): expected one of x, loss/,
  ],
  [
    () => vegaLite({ ...drawn, data: { values: [{ x: 1, loss: 2 }] } }, made().points),
    /vegaLite: data: the rows of the table take its place/,
  ],
  [
    () => vegaLite({ layer: [drawn, { ...drawn, data: { url: 'theory.csv' } }] }, made().points),
    /vegaLite: data\.url: what it holds would not count in the key/,
  ],
  [
    () => vegaLite({ ...drawn, encoding: { x: { field: 'a.b' } } }, command({ ...call, outputs: { t: dotted } }).t),
    /encoding\.x: "a\.b": Vega-Lite takes .* expected "a\\\\\.b", and a title/,
  ],
  ...["it's", 'a "b"', 'a[b]'].map((column): [() => unknown, RegExp] => [
    () =>
      vegaLite(
        { ...drawn, encoding: { x: { field: column } } },
        command({ ...call, outputs: { t: table('quoted', { [column]: 'number' }) } }).t,
      ),
    /: Vega-Lite takes "\.", brackets and quotes for the path of a member: expected "(it\\\\'s|a \\\\\\"b\\\\\\"|a\\\\\[b\\\\\])", and a title$/,
  ]),
  [
    () => vegaLite({ ...drawn, encoding: { x: { field: 'lost.x' } } }, made().points),
    /encoding\.x: there is no column "lost\.x"/,
  ],
  [() => from(made().points, 'x'), /^from\(points, "x"\): it is a table: expected JSON: an output of a command that/],
  [
    () => from(source('data', directory('folder')), 'x'),
    /^from\(folder, "x"\): it is a folder: expected JSON: an output of a command/,
  ],
  [
    () => from(source('a.json', json('a', Type.Object({ b: Type.Object({ c: Type.String() }) }))), 'b.c'),
    /^from\(a, "b\.c"\): its type is string: expected a number$/,
  ],
  [
    () => from(source('a.json', json('a', Type.Object({ b: Type.Object({}) }))), 'b'),
    /^from\(a, "b"\): its type is object: expected a number$/,
  ],
  [
    () => fetchFile({ url: 'https://example.org/a.csv', sha256: 'a'.repeat(64) }, unchecked(undefined)),
    /^fetchFile: the second argument is missing: expected a type of artifact/,
  ],
  [
    () => fetchFile(unchecked('https://example.org/a.csv'), Points),
    /^fetchFile: the argument = "https:.*: expected an ob/,
  ],
  [
    () => fetchFile(unchecked({ uri: 'https://example.org/a.csv' }), Points),
    /^fetchFile: "uri" is no member of it \(did you mean "url"\?\)/,
  ],
  [() => vegaLite(drawn, unchecked('points.csv')), /the table = "points.csv": expected an output/],
  [() => undefined, /^build: what it returned is missing/],
  [() => Promise.resolve({}), /^build: what it returned is a promise: .*may not be async/],
  [() => ({ figure: {} }), /"figure" is no member of it \(did you mean "figures"\?\)/],
  [() => ({ claims: claim({ ...facts, value: from(made().fit, 'slope') }) }), /claims is an object: expected a list/],
  [
    () => ({ claims: [1, 2].map(() => claim({ ...facts, value: from(made().fit, 'slope') })) }),
    /two have the id "slope"/,
  ],
  [() => ({ figures: { points: made().points } }), /figures\.points is an object: expected vegaLite/],
  [() => ({ figures: { '../points': vegaLite(drawn, made().points) } }), /figures: "\.\.\/points": expected an id/],
  ...['../../pipeline.ts', '/etc/fit.json', 'a//b', 'a\\b', './fit.json', 'a\nb'].map(
    (path): [() => unknown, RegExp] => [
      () => ({ files: { [path]: made().fit } }),
      /expected a path below the report's folder/,
    ],
  ),
  [() => ({ files: { 'lock.json': made().fit } }), /every run writes it itself/],
  [() => ({ files: { 'Lock.json': made().fit } }), /every run writes it itself/],
  ...['report.md', 'index.html', 'claims.json', 'figures/a.png'].map((path): (typeof mistakes)[number] => [
    () => ({
      claims: [claim({ ...facts, value: from(made().fit, 'slope') })],
      figures: { a: vegaLite(drawn, made().points) },
      files: { [path]: made().fit },
    }),
    new RegExp(`^files: "${path}": the report writes it itself: choose another name$`),
  ]),
  [() => ({ files: { 'fit.json': made().fit, 'Fit.json': made().fit } }), /are one file on some machines/],
  [
    () => ({ files: { fit: made().fit, 'fit/points.csv': made().points } }),
    /"fit" is a file, and "fit\/points.csv" is in it/,
  ],
  [() => ({ files: { 'fit.json': unchecked('fit.json') } }), /files: "fit.json" = "fit.json": expected an output/],
  [
    () => ({ text: '', files: { 'fit.json': unchecked([made().fit]) } }),
    /files: "fit.json" is a list: expected an output/,
  ],
  [
    () => mean({}, unchecked({ fit: [made().fit] })),
    /^stage mean: it has no input "fit" \(did you mean "fits"\?\): expected fits$/,
  ],
  [
    () => mean({}, unchecked({ fits: made().fit })),
    /^stage mean: input "fits" is an object: expected a list of outputs/,
  ],
  [() => mean({}, unchecked({ fits: [made()] })), /^stage mean: input "fits" is a list: expected a list of outputs/],
  [() => mean({}, unchecked(undefined)), /^stage mean: the inputs are missing: expected \{ fits \} after/],
  [() => last({}, unchecked({})), /^stage last: input "fit" is missing: expected an output of a command or stage/],
  [() => last({}, { fit: unchecked([made().fit]) }), /^stage last: input "fit" is a list: expected an output/],
  [
    () => command({ ...call, outputs: { fit: json('fit', unchecked({ slope: 'number' })) } }),
    /^stage fit: output "fit": the schema of fit: expected one such as Type\.Object/,
  ],
  [
    () => command({ ...call, outputs: { fit: json('fit', unchecked(undefined)) } }),
    /^stage fit: output "fit": the schema of fit: expected one/,
  ],
  [
    () => command({ ...call, outputs: { fit: json('fit', Type.Object({ a: Type.Array(unchecked(Number)) })) } }),
    /^stage fit: output "fit": the schema of fit has none for a\[\]: expected one/,
  ],
  [
    () => command({ ...call, outputs: { fit: json('fit', Type.Object({ slope: unchecked('number') })) } }),
    /^stage fit: output "fit": the schema of fit has none for slope: expected one/,
  ],
  [
    () => command({ ...call, outputs: { t: table('t', unchecked(undefined)) } }),
    /^stage fit: output "t": t has no columns: expected at least one, such as table\("t", \{ x: "number" \}\)/,
  ],
  [
    () => command({ ...call, inputs: { t: source('t.csv', table('t', {})) } }),
    /^stage fit: input "t": t has no columns/,
  ],
  [
    () => command({ ...call, inputs: { t: source('t.csv', unchecked(undefined)) } }),
    /^command "fit": inputs\.t = .*: expected an output of a command or stage, a source/,
  ],
  [
    () => defineStage({ ...declared, outputs: { fit: unchecked('fit.json') } })({}, { fits: [] }),
    /^stage mean: output "fit": it is no type of artifact: expected one, such as json/,
  ],
];

test('a mistake in pipeline.ts is told in one line that names the call, the value and what was expected', () => {
  for (const [build, message] of mistakes) assert.match(refusal(build), message);
});

test('what looks unusual and is right is taken', () => {
  const plot = (): unknown => ({
    figures: { plot: source('plot.svg', file('plot', '.svg')) },
    files: { 'tables/fit.json': made().fit },
  });
  const figures: readonly object[] = [
    { ...drawn, transform: [{ calculate: '1 / datum.loss', as: 'inverse' }], encoding: { y: { field: 'inverse' } } },
    { ...drawn, transform: [{ fold: ['x', 'loss'] }], encoding: { y: { field: 'value' } } },
    { layer: [{ mark: 'rule', data: { values: [{ limit: 1 }] }, encoding: { y: { field: 'limit' } } }, drawn] },
    {
      mark: { type: 'bar' },
      encoding: { x: { bin: true, field: 'loss' }, y: { aggregate: 'count' }, tooltip: [{ field: 'x' }] },
    },
  ];
  for (const figure of figures)
    assert.equal(
      refusal(() => ({ figures: { a: vegaLite(unchecked(figure), made().points) } })),
      'none',
    );
  assert.equal(refusal(plot), 'none');
  // All outputs of a call, as inputs of another.
  assert.equal(
    refusal(() => ({ files: { 'fit.json': last({}, made()).fit } })),
    'none',
  );
  // Schemas of JSON, of TypeBox or not.
  for (const schema of [
    Type.Any(),
    {},
    { type: 'object', properties: { slope: { type: ['number', 'null'] }, any: true }, additionalProperties: false },
    { anyOf: [{ const: 1 }, Type.Null()] },
    Type.Recursive((self) => Type.Object({ next: Type.Optional(self) })),
    Type.Record(Type.String(), Type.Tuple([Type.Number(), Type.Union([Type.Literal('a'), Type.Unsafe({})])])),
  ])
    assert.equal(
      refusal(() => ({ files: { a: command({ ...call, outputs: { a: json('a', unchecked(schema)) } }).a } })),
      'none',
    );
});

test('default values are what a file of a set can say', () => {
  const refusedParams = (params: object): string => {
    try {
      definePipeline(unchecked({ name: 'a', params, build: () => ({}) }));
    } catch (error) {
      return (error as Error).message;
    }
    return 'none';
  };
  const expected = 'expected a number, text, true or false, a list, or an object of these';
  assert.equal(refusedParams({ noise: NaN }), `params.noise = NaN: ${expected}`);
  assert.equal(refusedParams({ seen: new Map() }), `params.seen = [object Map]: ${expected}`);
  assert.ok(refusedParams({ inner: { when: new Date(0) } }).endsWith(`: ${expected}`));
  // Not for --set, but files of sets may name it.
  assert.equal(refusedParams({ sizes: { 'pythia-1.4b': 1, 'two words': 2 } }), 'none');
  assert.match(refusedParams({ extends: 1 }), /^params: "extends": it is a member of every parameter set/);
  assert.equal(refusedParams({ inner: { extends: 1, 'größe-2': [1], list: [] } }), 'none');
});

test('only what definePipeline returns is a pipeline', () => {
  assert.ok(isPipeline(definePipeline({ name: 'a', build: () => ({}) })));
  for (const value of [undefined, {}, { name: 'a', build: () => ({}) }, { name: 'a', params: {}, build: () => ({}) }])
    assert.equal(isPipeline(value), false);
  assert.throws(
    () => definePipeline(unchecked({ name: 'a', biuld: () => ({}) })),
    /"biuld" is no member of it \(did you mean "build"\?\)/,
  );
});

let project: Project;
before(() => (project = makeProject({ 'pipeline.ts': '' })));
after(() => project.close());

/** Those that throw or end the process while they are read, or in build, need a process. */
const broken: readonly [code: string, message: RegExp][] = [
  ["\nthrow new Error('boom');\n", /^repro: pipeline.ts:2: boom\n$/],
  [
    "import { definePipeline } from '$engine/index.ts';\nexport default definePipeline({\n  name: 'a',\n  build: () => nothing(),\n});",
    /^repro: pipeline.ts:4: ReferenceError: nothing is not defined\n$/,
  ],
  [
    'export const pipeline = 1;',
    /^repro: pipeline.ts: its default export is no pipeline: expected export default definePipeline/,
  ],
  ['process.exit(0);', /^repro: pipeline.ts ended the process while it was read/],
  [
    "import { definePipeline } from '$engine/index.ts';\nexport default definePipeline({ name: 'a', build: () => process.exit(0) });",
    /^repro: pipeline.ts ended the process before the command was done: expected its build to return/,
  ],
];

for (const [code, message] of broken)
  test(`a pipeline.ts that fails is told with its line: ${String(message)}`, async () => {
    project.write('pipeline.ts', code);
    const started = code.startsWith('\nthrow') || code.includes('process.exit');
    const run = await (started ? project.start(['status']).finished : project.run('status'));
    assert.match(run.stderr, message);
    assert.equal(run.code, 2);
  });

test('a schema may be written by hand, with any keyword of JSON schemas', () => {
  const schemas = [
    ...[{}, Type.Any(), Type.Unsafe({ own: 1 }), Type.Ref('other'), { propertyNames: { pattern: '^a' } }],
    ...[{ contains: { type: 'number' } }, { if: { type: 'number' }, then: { minimum: 1 } }, { $comment: 'any' }],
    ...[{ properties: { a: { readOnly: true }, b: { examples: [1] } } }, { dependentRequired: { a: ['b'] } }],
    Type.Object({ a: Type.Number() }, { additionalProperties: unchecked(undefined) }),
    { type: 'object', properties: undefined },
  ];
  for (const schema of schemas) assert.equal(typeProblem(json('fit', schema as TSchema)), undefined);
});
