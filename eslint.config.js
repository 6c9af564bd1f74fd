// @ts-check
import tseslint from 'typescript-eslint';

/** Math functions that engines round differently: keyed stages use numerics/elementary.ts instead. */
const transcendental = [
  'acos',
  'acosh',
  'asin',
  'asinh',
  'atan',
  'atan2',
  'atanh',
  'cbrt',
  'cos',
  'cosh',
  'exp',
  'expm1',
  'hypot',
  'log',
  'log10',
  'log1p',
  'log2',
  'pow',
  'random',
  'sin',
  'sinh',
  'tan',
  'tanh',
];

const noTranscendental = transcendental.map((property) => ({
  object: 'Math',
  property,
  message: 'Engines differ in its last bits, or it is random: use numerics/elementary.ts.',
}));

/** Dependencies point one way: pipeline.ts -> stages -> numerics, and to the engine only through its public surface. */
const engineSurface = {
  group: ['**/packages/repro/**'],
  message: "Import from 'repro', or from 'repro/runtime' in the code of a stage.",
};

export default tseslint.config(
  { ignores: ['node_modules/**', 'packages/repro/types/**', 'artifacts/**', 'reports/**', '**/*.as.ts'] },
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: {
          allowDefaultProject: ['eslint.config.js', '.oxlint-plugin.mjs', '.dependency-cruiser.mjs', 'repro'],
        },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      eqeqeq: 'error',
      'no-console': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
    },
  },
  {
    files: ['stages/**/*.ts', 'numerics/**/*.ts', 'pipeline/**/*.ts', 'pipeline.ts'],
    rules: {
      'no-restricted-properties': ['error', ...noTranscendental],
      'no-restricted-syntax': [
        'error',
        {
          selector: "BinaryExpression[operator='**']:not([left.type='Literal'][right.type='Literal'])",
          message: 'Engines differ in its last bits: use numerics/elementary.ts.',
        },
        {
          selector: "NewExpression[callee.name='Date'], MemberExpression[object.name='Date'][property.name='now']",
          message: 'No output of a stage may depend on the time.',
        },
      ],
      'no-restricted-imports': ['error', { patterns: [engineSurface] }],
    },
  },
  {
    files: ['numerics/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            engineSurface,
            { group: ['**/stages/**', '**/pipeline/**', '**/pipeline.ts'], message: 'numerics/ is below the stages.' },
          ],
        },
      ],
    },
  },
  {
    files: ['stages/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            engineSurface,
            { group: ['**/pipeline/**', '**/pipeline.ts'], message: 'A stage knows its own parameters only.' },
          ],
        },
      ],
    },
  },
  {
    files: ['packages/repro/src/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: ['**/stages/**', '**/numerics/**', '**/params/*.json'],
              message: 'The engine knows nothing of what it builds.',
            },
          ],
        },
      ],
    },
  },
  {
    // What runs in a browser only shows results.
    files: ['**/*.browser.ts'],
    languageOptions: { parserOptions: { projectService: false, project: './tsconfig.browser.json' } },
    rules: { 'no-restricted-properties': 'off' },
  },
  {
    files: ['test/**', 'packages/*/test/**', 'bench/**', '**/*.mjs'],
    rules: {
      'no-console': 'off',
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            { from: 'package', name: ['test', 'describe', 'it', 'suite'], package: 'node:test' },
          ],
        },
      ],
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
    },
  },
);
