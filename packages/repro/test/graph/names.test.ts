import assert from 'node:assert/strict';
import { Type } from '@sinclair/typebox';
import fc from 'fast-check';
import { describe, test } from 'node:test';
import { file, many, optional } from '../../src/graph/artifact.ts';
import type { Handle } from '../../src/graph/graph.ts';
import { buildGraph, group, source } from '../../src/graph/graph.ts';
import { cutMiddle, plainName, shownName } from '../../src/graph/shown-name.ts';
import { defineStage } from '../../src/graph/stage.ts';

const Text = file('text', '.txt');
const stageNamed = (name: string) => {
  const stage = defineStage({
    name,
    summary: '',
    params: Type.Object({}),
    inputs: { one: optional(Text), list: many(Text) },
    outputs: { out: Text, log: Text },
  });
  return (params: object, { one, list = [] }: { one?: Handle<typeof Text>; list?: Handle<typeof Text>[] } = {}) =>
    stage(params, { one, list });
};
const [train, measure, fit] = [stageNamed('train'), stageNamed('measure'), stageNamed('fit')];

function namesOf(build: () => void): string[] {
  return buildGraph((_, params) => params, build).graph.nodes.map(({ name }) => name);
}

describe('parameters', () => {
  test('a stage that is called once has its own name', () => {
    assert.deepEqual(
      namesOf(() => void train({ n: 10, m: 2 })),
      ['train'],
    );
  });

  test('only those that vary among the nodes of the stage are shown, sorted by name', () => {
    assert.deepEqual(
      namesOf(() => {
        for (const m of [2, 1]) for (const alpha of [0.5, 1]) train({ n: 10, m, alpha });
      }),
      ['train[alpha=0.5,m=2]', 'train[alpha=1,m=2]', 'train[alpha=0.5,m=1]', 'train[alpha=1,m=1]'],
    );
  });

  test('fractions and four digits where these tell numbers apart, and all of theirs where not', () => {
    assert.deepEqual(
      namesOf(() => {
        for (const gamma of [-1, -7 / 9, 123456.25]) train({ gamma });
      }),
      ['train[gamma=-1]', 'train[gamma=-7/9]', 'train[gamma=123500]'],
    );
    assert.deepEqual(
      namesOf(() => {
        for (const gamma of [0.12345, 0.12346]) train({ gamma });
      }),
      ['train[gamma=0.12345]', 'train[gamma=0.12346]'],
    );
    assert.deepEqual(
      namesOf(() => {
        for (const gamma of [1234567, 1234568]) train({ gamma });
      }),
      ['train[gamma=1234567]', 'train[gamma=1234568]'],
    );
  });

  test('members of objects have the last part of their path, or all of it where that is not unique', () => {
    assert.deepEqual(
      namesOf(() => {
        for (const rate of [1, 2]) train({ optimizer: { rate }, n: 1 });
      }),
      ['train[rate=1]', 'train[rate=2]'],
    );
    assert.deepEqual(
      namesOf(() => {
        for (const rate of [1, 2]) train({ a: { rate }, b: { rate: 3 * rate } });
      }),
      ['train[a.rate=1,b.rate=3]', 'train[a.rate=2,b.rate=6]'],
    );
  });

  test('a parameter that some nodes lack varies', () => {
    assert.deepEqual(
      namesOf(() => {
        train({ n: 1 });
        train({ n: 1, decay: 2 });
      }),
      ['train', 'train[decay=2]'],
    );
  });

  test('lists show a digest, strings and booleans and null themselves', () => {
    const names = namesOf(() => {
      train({ v: [1, 2] });
      train({ v: [2, 1] });
    });
    assert.equal(new Set(names).size, 2);
    for (const name of names) assert.match(name, /^train\[v=[0-9a-f]{8}\]$/);
    assert.deepEqual(
      namesOf(() => {
        train({ v: 'linear' });
        train({ v: true });
        train({ v: null });
      }),
      ['train[v=linear]', 'train[v=true]', 'train[v=null]'],
    );
  });
});

describe('labels and groups', () => {
  const model = defineStage({
    name: 'model',
    summary: '',
    labels: [
      'alpha',
      { param: 'density', unless: 1 },
      { param: 'rows.kind', unless: 'free', as: 'rows' },
      'gamma',
      'm',
    ],
    params: Type.Object({}),
    inputs: {},
    outputs: { out: Text },
  });
  const call = (params: object) => void model(params, {});
  const cell = { alpha: 0.5, density: 1, rows: { kind: 'free' }, gamma: -5 / 9, m: 17, n: 320 };

  test('a node is named by its first group and the labels of its stage, whatever else is in the graph', () => {
    const small = 'model[small,alpha=0.5,gamma=-5/9,m=17]';
    assert.deepEqual(
      namesOf(() => group('small', () => call(cell))),
      [small],
    );
    const names = namesOf(() => {
      group('small', () => {
        call(cell);
        call({ ...cell, m: 8, rows: { kind: 'unit' } });
      });
      group('density', () => {
        call(cell);
        call({ ...cell, density: 3.6739781 });
      });
      call({ ...cell, n: 1000 });
    });
    assert.deepEqual(names, [
      small,
      'model[small,alpha=0.5,rows=unit,gamma=-5/9,m=8]',
      'model[density,alpha=0.5,density=3.674,gamma=-5/9,m=17]',
      'model[alpha=0.5,gamma=-5/9,m=17]',
    ]);
  });

  test('a node that several groups ask for is one node, and each of them selects it', () => {
    const { graph } = buildGraph(
      (_, params) => params,
      () => {
        for (const name of ['small', 'density']) group(name, () => call(cell));
      },
    );
    assert.equal(graph.nodes.length, 1);
    assert.deepEqual(graph.nodes[0]!.groups, ['small', 'density']);
  });

  test('where labels do not tell two nodes apart, the parameters that do go in front of them', () => {
    assert.deepEqual(
      namesOf(() => {
        call({ ...cell, batch: 320 });
        call({ ...cell, batch: 1280 });
      }),
      ['model[batch=320,alpha=0.5,gamma=-5/9,m=17]', 'model[batch=1280,alpha=0.5,gamma=-5/9,m=17]'],
    );
  });

  test('two values of a parameter that rounding alone can make are refused', () => {
    assert.throws(
      () =>
        namesOf(() => {
          for (const gamma of [0.5555555555555554, 0.5555555555555556]) call({ gamma });
        }),
      /^GraphError: model\.gamma = 0\.5555555555555554 and 0\.5555555555555556: nearer than 1e-9/,
    );
    assert.equal(
      namesOf(() => {
        for (const seed of [9007199254740990, 9007199254740991]) call({ seed });
      }).length,
      2,
    );
  });

  test('a stage never sees -0, which has the key of 0', () => {
    const { graph } = buildGraph(
      (_, params) => params,
      () => call({ gamma: -0, rows: { bias: -0 } }),
    );
    assert.deepEqual(graph.nodes[0]!.params, { gamma: 0, rows: { bias: 0 } });
  });
});

test('names are shown with Greek letters and spaces, and cut in the middle', () => {
  const name = 'train[small,alpha=0.5,gamma=-5/9,m=17]#0123abcd';
  assert.equal(shownName(name), 'train small α=0.5 γ=-5/9 m=17#0123abcd');
  assert.equal(plainName(shownName(name)), name);
  assert.equal(shownName('fit'), 'fit');
  for (const width of [24, 28]) {
    const cut = cutMiddle(
      shownName('measure-geometry[unit-norm,alpha=0.5,projection=unit-rows,gamma=-1/3,m=17]'),
      width,
    );
    assert.equal([...cut].length, width);
    assert.match(cut, /^measure.*….* γ=-1\/3 m=17$/);
  }
});

describe('what a node is made from', () => {
  test('a node has the parameters of its single inputs', () => {
    assert.deepEqual(
      namesOf(() => {
        for (const m of [1, 2]) measure({}, { one: train({ m, n: 5 }).out });
      }),
      ['train[m=1]', 'measure[m=1]', 'train[m=2]', 'measure[m=2]'],
    );
  });

  test('its own parameter stands before an inherited one of the same name', () => {
    assert.deepEqual(
      namesOf(() => {
        for (const m of [1, 2]) measure({ m: 10 * m }, { one: train({ m }).out });
      }).filter((name) => name.startsWith('measure')),
      ['measure[m=10]', 'measure[m=20]'],
    );
  });

  test('what it collects from many is not in its name', () => {
    assert.deepEqual(namesOf(() => void fit({}, { list: [1, 2].map((m) => train({ m }).out) })).at(-1), 'fit');
  });
});

describe('nodes that parameters do not tell apart', () => {
  test('have a digest of what they are made from', () => {
    const names = namesOf(() => {
      for (const m of [1, 2]) fit({}, { list: [train({ m }).out] });
    }).filter((name) => name.startsWith('fit'));
    assert.equal(new Set(names).size, 2);
    for (const name of names) assert.match(name, /^fit#[0-9a-f]{8}$/);
  });

  test('also when only the output taken, or a source file, is the difference', () => {
    assert.equal(
      unique(() => {
        const { out, log } = train({});
        measure({}, { one: out });
        measure({}, { one: log });
      }),
      3,
    );
    assert.equal(
      unique(() => {
        for (const path of ['a', 'b', 'a b']) measure({}, { one: source(path, Text) });
      }),
      3,
    );
    assert.equal(
      unique(() => {
        measure({}, { list: [source('a', Text), source('b', Text)] });
        measure({}, { list: [source('a" "b', Text)] });
        measure({}, { list: [source('a b', Text)] });
      }),
      3,
    );
  });

  test('also when they are made from later nodes that are told apart so themselves', () => {
    assert.equal(
      unique(() => {
        measure({}, { list: [] });
        const late = [1, 2].map((m) => fit({}, { list: [train({ m }).out] }));
        for (const { out } of late) measure({}, { list: [out] });
      }),
      7,
    );
  });

  test('keep their digest when others are added', () => {
    const build = (ms: number[]): string[] =>
      namesOf(() => {
        for (const m of ms) fit({}, { list: [train({ m }).out] });
      }).filter((name) => name.startsWith('fit'));
    const [before, after] = [build([1, 2]), build([7, 1, 2])];
    assert.deepEqual(after.slice(1), before);
  });
});

test('a parameter that tells nodes apart does not give one the name of a node whose label looks the same', () => {
  const stage = defineStage({
    ...{ name: 'train', summary: '', params: Type.Object({}), inputs: {}, outputs: { out: Text } },
    labels: [{ param: 'a.rate', unless: 0 }],
  });
  const names = namesOf(() => {
    for (const [a, b] of [
      [0, 1],
      [0, 2],
      [1, 1],
    ])
      stage({ a: { rate: a }, b: { rate: b } }, {});
  });
  assert.equal(new Set(names).size, 3, names.join(' '));
  assert.match(names.join(' '), /^train\[rate=1\]#[0-9a-f]{8} train\[rate=2\] train\[rate=1\]#[0-9a-f]{8}$/);
});

test('names of inputs that no file can have, and amounts of resources that cannot be added up, are refused', () => {
  const made = (more: object): string => {
    const stage = defineStage({
      ...{ name: 'train', summary: '', params: Type.Object({}), inputs: {}, outputs: { out: Text } },
      ...more,
    });
    try {
      return namesOf(() => void stage({}, {})).join(' ');
    } catch (error) {
      return (error as Error).message;
    }
  };
  for (const input of ['a/b', '..', '', 'a"b', '__proto__'])
    assert.equal(
      made({ inputs: Object.fromEntries([[input, many(Text)]]) }),
      `stage train: input ${JSON.stringify(input)}: expected a name that a file can have`,
    );
  assert.equal(made({ inputs: { 'raw data-é.x': many(Text) } }), 'train');
  for (const cpu of [NaN, -1, Infinity, '2']) {
    const expected = `stage train: resources: cpu = ${cpu}: expected a number from 0 on`;
    assert.equal(made({ execution: { resources: { cpu } } }), expected);
    assert.equal(made({ backends: { here: { numericClass: 'a', resources: { cpu } } } }), expected);
  }
  assert.equal(
    made({ execution: { resources: { memory: 1 } } }),
    'stage train: resources: memory: expected some of cpu, accelerator, memoryBytes',
  );
  assert.equal(made({ backends: {} }), 'stage train: backends: none: expected at least one, or no `backends`');
  assert.equal(
    made({ backends: { '../gpu': { numericClass: 'a' } } }),
    'stage train: backend "../gpu": expected a name of letters, digits, "-" and "_" that begins with a letter',
  );
  assert.equal(
    made({ backends: { gpu: { numericClass: '' } } }),
    'stage train: backend gpu: numericClass "": expected a name',
  );
  assert.equal(made({ execution: { resources: { cpu: 0.5, accelerator: 0, memoryBytes: undefined } } }), 'train');
});

test('a parameter that JSON would write as something else is refused: many values would have one key', () => {
  const made = (value: unknown): string => {
    try {
      return namesOf(() => void train({ list: [{ value }] })).join(' ');
    } catch (error) {
      return (error as Error).message;
    }
  };
  for (const [value, kind] of [
    [new Date(0), 'Date'],
    [new Map([[1, 2]]), 'Map'],
    [new Set([1]), 'Set'],
    [/x/, 'RegExp'],
    [new Float64Array(2), 'Float64Array'],
  ] as const)
    assert.equal(
      made(value),
      `stage train: list[0].value is a ${kind}: expected text, numbers, true, false, null, and lists and objects of these`,
    );
  for (const [value, what] of [
    [() => 1, ' is a function: expected text, numbers, true, false, null, and lists and objects of these'],
    [1n, ' is a bigint: expected text, numbers, true, false, null, and lists and objects of these'],
    [NaN, ' = NaN: expected a finite number'],
    [-Infinity, ' = -Infinity: expected a finite number'],
  ] as const)
    assert.equal(made(value), `stage train: list[0].value${what}`);
  for (const value of [null, 'x', [1, [2]], { a: { b: true } }, Object.create(null)])
    assert.equal(made(value), 'train');
});

describe('stability', () => {
  test('a cell added to a sweep renames none of the others', () => {
    const sweep = (alphas: number[]): string[] =>
      namesOf(() => {
        for (const alpha of alphas) for (const m of [1, 2]) measure({}, { one: train({ alpha, m }).out });
      });
    const before = sweep([0, 1]);
    const after = sweep([0.5, 0, 1]);
    assert.ok(before.every((name) => after.includes(name)));
  });

  test('equal calls are one node, whatever the order of their parameters', () => {
    assert.deepEqual(
      namesOf(() => {
        train({ a: 1, b: 2 });
        train({ b: 2, a: 1 });
      }),
      ['train'],
    );
  });

  test('names of any graph are unique, and the order of calls of a stage does not matter', () => {
    const call = fc.record({
      stage: fc.nat(2),
      value: fc.nat(2),
      one: fc.option(fc.nat(30)),
      list: fc.array(fc.nat(30), { maxLength: 3 }),
    });
    fc.assert(
      fc.property(fc.array(call, { maxLength: 15 }), (calls) => {
        const names = namesOf(() => {
          const made: Handle<typeof Text>[] = [];
          for (const { stage, value, one, list } of calls) {
            const from = (at: number) => made[at % made.length]!;
            const inputs = made.length
              ? { ...(one !== null && { one: from(one) }), list: list.map(from) }
              : { list: [] };
            made.push([train, measure, fit][stage]!({ value }, inputs).out);
          }
        });
        assert.equal(new Set(names).size, names.length);
      }),
      { numRuns: 300 },
    );
  });
});

function unique(build: () => void): number {
  return new Set(namesOf(build)).size;
}
