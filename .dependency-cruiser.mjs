/**
 * Which part may import which: docs/ARCHITECTURE.md says why. Type imports count, but for the circles that are
 * listed below.
 *
 * Inside repro: cli -> run -> {plan, execute, publish, claims, maintenance, backends} -> {graph, store, code, params}.
 * The paper: pipeline -> stages -> numerics, and repro only through its exports.
 */
import { readFileSync } from 'node:fs';

const repro = 'packages/repro/src/';

/** The files behind the exports of repro. @type {string[]} */
const exported = Object.values(JSON.parse(readFileSync('packages/repro/package.json', 'utf8')).exports).flatMap(
  (/** @type {any} */ entry) => (entry['repro-source'] ? [entry['repro-source'].replace('./src/', repro)] : []),
);

/**
 * Folders and files whose types name each other: a declaration and what is declared. docs/ARCHITECTURE.md lists them.
 * @type {string[]}
 */
const circlesOfTypes = [
  '^stages/toy/train/',
  '^stages/figures/(define|stage|figure-data)[.]ts$',
  '^pipeline/',
  '^numerics/language-models/',
  '^numerics/checkpoints/pickle(-opcodes)?[.]ts$',
  `^${repro}claims/(definition|quantity|rules)[.]ts$`,
  `^${repro}code/(command|stage)-code[.]ts$`,
  `^${repro}(graph|environments)/`,
  `^${repro}plan/(key|trace)[.]ts$`,
  `^${repro}page/`,
  `^${repro}(pipeline[.]ts$|outline/report[.]ts$)`,
];

/** @param {string} name @param {string} comment @param {object} from @param {object} to */
const forbid = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    forbid(
      'no-circle',
      'Two files that import each other are one idea or need a third.',
      {},
      { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    ),
    forbid(
      'no-circle-of-types',
      'Types that two files need have a third. What stays, and why: docs/ARCHITECTURE.md.',
      { pathNot: circlesOfTypes },
      { circular: true, viaOnly: { pathNot: circlesOfTypes } },
    ),
    forbid(
      'no-unresolved',
      'An import that nothing answers.',
      {},
      {
        couldNotResolve: true,
        pathNot: '[.](wasm|browser|folder)$|^assemblyscript/|^@webgpu/types$|^@tensorflow/tfjs-node',
      },
    ),
    forbid(
      'numerics-below-stages',
      'numerics/ takes arrays and returns arrays; it knows no stage.',
      { path: '^numerics/' },
      { path: '^(stages|pipeline|params)(/|[.]ts$)' },
    ),
    forbid(
      'stages-below-pipeline',
      'A stage knows its own parameters only.',
      { path: '^stages/' },
      { path: '^pipeline(/|[.]ts$)' },
    ),
    forbid(
      'repro-by-its-exports',
      "Import 'repro' or one of its exports, for example not 'packages/repro/src/store/store.ts'.",
      { path: '^(pipeline(/|[.]ts$)|stages/|numerics/)' },
      { path: `^${repro}`, pathNot: `^(${exported.join('|')})$` },
    ),
    forbid(
      'repro-knows-no-paper',
      'The build system knows nothing of what it builds.',
      { path: '^packages/' },
      { path: '^(pipeline(/|[.]ts$)|stages/|numerics/|params/|bench/|test/)' },
    ),
    forbid(
      'cli-on-top',
      'Only the command line prints; nothing below it imports it.',
      { path: `^${repro}(?!cli/)` },
      { path: `^${repro}cli/` },
    ),
    forbid(
      'run-above-its-parts',
      'What a run is made of does not know the run; publish and backends may name the type of the session they are given.',
      { path: `^${repro}(graph|store|code|params|plan|execute|publish|backends)/` },
      { path: `^${repro}(run|session)[.]ts$`, dependencyTypesNot: ['type-only'] },
    ),
    forbid(
      'foundations-below-plan',
      'graph, store, code and params know no plan, no execution and no publication.',
      { path: `^${repro}(graph|store|code|params)/` },
      { path: `^${repro}(plan|execute|publish|claims|maintenance|backends)/` },
    ),
    forbid(
      'graph-at-the-bottom',
      'The graph is a value: it knows no store and no files.',
      { path: `^${repro}graph/` },
      { path: `^${repro}(store|code|params)/` },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '[.]as[.]ts$|^packages/repro/types/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      conditionNames: ['repro-source', 'import', 'node', 'default', 'types'],
      exportsFields: ['exports'],
    },
    progress: { type: 'none' },
  },
};
