import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, delimiter, dirname, join } from 'node:path';
import { test } from 'node:test';
import { canonicalJson } from '../../src/graph/canonical-json.ts';
import { DeclarationError } from '../../src/graph/declared.ts';
import { sha256 } from '../../src/graph/digest.ts';
import { makeEnvironment } from '../../src/environments/make.ts';
import { container, python, r, tools } from '../../src/environments/environment.ts';
import { describeEnvironment } from '../../src/environments/words.ts';
import { answerOf, findProgram } from '../../src/environments/programs.ts';
import { askPython, findPython } from '../../src/environments/python.ts';
import { packagesOfLock } from '../../src/environments/r.ts';
import { requirementsOf } from '../../src/environments/requirements.ts';
import { inContainer, inSandbox, sandboxProblem, startOf } from '../../src/environments/start.ts';
import { programsInScript, programsOfShebang, startedPrograms } from '../../src/environments/started-programs.ts';
import { cacheDirectory } from '../../src/code/bundler.mjs';
import { runCommand } from '../../src/execute/run-command.ts';
import { explainFailure, explained } from '../../src/execute/explain-failure.ts';
import { sourceFolder } from '../../src/plan/source-folder.ts';
import { asOrdinaryUser } from '../ordinary-user.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

test('what a link to a program of another name says is asked again: it may start what its own files say', async () => {
  using folder = temporaryDirectory();
  const config = join(folder.path, 'version');
  const said = async (name: string, version: string): Promise<string | undefined> => {
    writeFileSync(config, version);
    return answerOf(folder.path, [join(folder.path, name), config]);
  };
  const program = realpathSync(findProgram('cat')!);
  for (const name of ['julia', basename(program)]) symlinkSync(program, join(folder.path, name));
  assert.equal(await said('julia', '1.10'), '1.10');
  assert.equal(await said('julia', '1.11'), '1.11', 'as juliaup starts another Julia');
  assert.equal(await said(basename(program), '1.10'), '1.10');
  assert.equal(
    await said(basename(program), '1.11'),
    '1.10',
    'the answer of a program is kept while it is the same file',
  );
});

test('requirements: comments, continuations and indexes are no part of them; each is pinned and has a hash', () => {
  const text = `# made by uv\n--index-url https://example.org/simple\nsix==1.16.0 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n    # via -r in\nabc[x]==2 ; python_version > "3" --hash=sha256:cc\n`;
  assert.deepEqual(requirementsOf(text, 'r.txt'), [
    'abc[x]==2 ; python_version > "3" --hash=sha256:cc',
    'six==1.16.0 --hash=sha256:aa --hash=sha256:bb',
  ]);
  assert.throws(
    () => requirementsOf('six>=1 --hash=sha256:aa', 'r.txt'),
    /^Error: r.txt: six>=1 is not pinned: expected/,
  );
  assert.throws(() => requirementsOf('six==1', 'r.txt'), /^Error: r.txt: six==1 has no --hash: make the file with/);
  assert.throws(() => requirementsOf('-e .', 'r.txt'), /^Error: r.txt: -e \.: expected packages only/);
});

test('renv.lock: packages after those that they require, with the URL of their repository', () => {
  const entry = (Version: string, Requirements: string[] = []) => ({
    Version,
    Source: 'Repository',
    Repository: 'Local',
    Requirements,
  });
  const lock = {
    R: { Version: '4.2.2', Repositories: [{ Name: 'Local', URL: 'file:///cran' }] },
    Packages: { a: entry('1.0', ['b', 'R']), b: entry('2.0') },
  };
  assert.deepEqual(packagesOfLock(JSON.stringify(lock), 'renv.lock'), [
    { name: 'b', version: '2.0', repository: 'file:///cran' },
    { name: 'a', version: '1.0', repository: 'file:///cran' },
  ]);
  assert.throws(() => packagesOfLock('{', 'renv.lock'), /renv.lock: expected JSON/);
  const foreign = { ...lock, Packages: { a: { ...entry('1'), Source: 'GitHub' } } };
  assert.throws(
    () => packagesOfLock(JSON.stringify(foreign), 'renv.lock'),
    /a: Source GitHub, Repository Local: expected/,
  );
});

test('mistakes in what is asked for', () => {
  assert.throws(() => python({ lock: 'environment.yml' }), /python: lock "environment.yml": expected a uv.lock or/);
  assert.throws(() => python({ lock: 'uv.lock', version: '>=3' }), /python: version ">=3": expected a number/);
  assert.throws(
    () => container({ image: 'python:3.11' }),
    /container: image "python:3.11": expected a name with a digest/,
  );
  assert.throws(() => tools({ jq: [] }), /tools: jq: expected a command/);
  // Nobody has to run tsc: these are the mistakes that it would name.
  const wrong = (call: (given: never) => unknown, given: unknown): string => {
    try {
      call(given as never);
    } catch (error) {
      assert.ok(error instanceof DeclarationError, String(error));
      return error.message;
    }
    return 'no error';
  };
  const lock = 'requirements.txt';
  for (const [call, given, message] of [
    [python, { lock, version: 3.11 }, 'python: version = 3.11: expected text such as "3.11" or "3.11.7"'],
    [python, { lock: [lock] }, 'python: lock = ["requirements.txt"]: expected a uv.lock or a requirements file (.txt)'],
    [python, {}, 'python: lock is missing: expected a uv.lock or a requirements file (.txt)'],
    [python, { lok: lock }, 'python: "lok" is no member of it (did you mean "lock"?): expected some of lock, version'],
    [python, lock, 'python: the argument = "requirements.txt": expected an object'],
    [python, undefined, 'python: the argument is missing: expected an object'],
    [r, {}, 'r: lock is missing: expected an renv.lock'],
    [r, { lock: 'renv.lock', version: 4.2 }, 'r: version = 4.2: expected text such as "3.11" or "3.11.7"'],
    [container, {}, 'container: image is missing: expected the name of an image with its digest'],
    [tools, { jq: 'jq --version' }, 'tools: jq: expected a command that prints a version, such as ["jq", "--version"]'],
    [tools, { jq: [5] }, 'tools: jq: expected a command that prints a version, such as ["jq", "--version"]'],
  ] as const)
    assert.equal(wrong(call, given), message);
  for (const given of [{}, ['jq'], undefined])
    assert.match(wrong(tools, given), /^tools: the argument .*: expected commands that print a version, by name: /);
});

test('command lines of podman, docker, apptainer and bwrap', async () => {
  using directory = temporaryDirectory();
  const root = directory.path;
  const own = join(root, 'own');
  mkdirSync(own);
  const image = `localhost/tiny@sha256:${'0'.repeat(64)}`;
  const job = {
    ...{ line: ['sh', '-c', 'true'], directory: join(own, 'job'), path: [], environment: { TZ: 'UTC' } },
    ...{ folders: { own, inputs: [root, join(root, 'absent')] }, memoryLimit: 1000 },
  };
  const { PATH } = process.env;
  try {
    process.env['PATH'] = root;
    assert.throws(
      () => inContainer(image, job),
      /^Error: podman: no such command: install it, for example with apt install podman/,
    );
    assert.throws(
      () => inSandbox(['sh'], own, own, []),
      /^Error: bwrap: no such command: install it, for example with apt install bubblewrap/,
    );
    const program = (name: string): string => {
      writeFileSync(join(root, name), '');
      chmodSync(join(root, name), 0o755);
      return join(root, name);
    };
    const apptainer = program('apptainer');
    assert.deepEqual(inContainer(image, job), [
      ...[apptainer, 'exec', '--containall', '--net', '--network=none', `--pwd=${own}/job`],
      ...[`--bind=${root}:${root}:ro`, `--bind=${own}:${own}`, '--env=TZ=UTC', `docker://${image}`, 'sh', '-c', 'true'],
    ]);
    const docker = program('docker');
    const shared = (user: string): string[] => [
      ...['run', '--rm', '--network=none', '--hostname=repro', '--entrypoint=', `--user=${user}`],
      `--workdir=${own}/job`,
      `--mount=type=bind,source=${root},target=${root},readonly`,
      `--mount=type=bind,source=${own},target=${own}`,
      ...['--env=TZ=UTC', '--env=REPRO_JOB', '--env=REPRO_RUN', '--memory=1000', image, 'sh', '-c', 'true'],
    ];
    const caller = `${process.getuid!()}:${process.getgid!()}`;
    assert.deepEqual(inContainer(image, job), [docker, ...shared(caller)]);
    const podman = program('podman');
    assert.deepEqual(inContainer(image, job), [podman, ...shared('0:0')]);
    const odd = { ...job, folders: { own: join(own, 'a:b,"c"'), inputs: [] } };
    assert.ok(
      inContainer(image, odd).includes(`--mount=type=bind,"source=${own}/a:b,""c""","target=${own}/a:b,""c"""`),
    );
    const bwrap = program('bwrap');
    const line = inSandbox(['sh', 'x.sh'], join(own, 'job'), own, [root]);
    assert.deepEqual(line.slice(0, 4), [bwrap, '--unshare-all', '--die-with-parent', '--proc']);
    assert.deepEqual(line.slice(-11), [
      '--ro-bind',
      root,
      root,
      '--bind',
      own,
      own,
      '--chdir',
      join(own, 'job'),
      '--',
      'sh',
      'x.sh',
    ]);
    // Checkpoints that are kept elsewhere are written there.
    const kept = join(root, 'kept');
    const elsewhere = inSandbox(['sh'], own, own, [], kept).join(' ');
    assert.ok(elsewhere.includes(` --bind ${own} ${own} --bind ${kept} ${kept} `), elsewhere);
    const contained = inContainer(image, { ...job, folders: { ...job.folders, kept } });
    assert.ok(contained.includes(`--mount=type=bind,source=${kept},target=${kept}`), contained.join(' '));
    // A program outside of the folders of the system is there too, and nothing else of its folder; one that is missing is named.
    const strict = { ...job, folders: { own, inputs: [] }, sandbox: 'strict' } as const;
    const tool = program('tool');
    const { line: started } = await startOf({ ...strict, line: ['tool', 'x'] });
    assert.ok(started.join(' ').includes(` --ro-bind ${tool} ${tool} `), started.join(' '));
    assert.ok(!started.join(' ').includes(` --ro-bind ${root} `));
    await assert.rejects(startOf({ ...strict, line: ['no-such-tool'] }), /^Error: no-such-tool: no such command: /);
  } finally {
    process.env['PATH'] = PATH;
  }
});

test('a container that could not start is no failure of the command; one that was killed inside tells its limit', async () => {
  using directory = temporaryDirectory();
  const root = directory.path;
  const described = { kind: 'container', image: `tiny@sha256:${'0'.repeat(64)}` } as const;
  const job = {
    ...{ line: ['sh', '-c', 'true'], directory: root, path: [], environment: {}, folders: { own: root, inputs: [] } },
    ...{ installed: { described, directory: root, project: root }, memoryLimit: 2 ** 26 },
  };
  const { PATH } = process.env;
  const ending = async (code: number): Promise<{ message: string; cannotRun?: boolean }> => {
    writeFileSync(join(root, 'podman'), `#!/bin/sh\nexit ${code}\n`);
    chmodSync(join(root, 'podman'), 0o755);
    try {
      process.env['PATH'] = root;
      await runCommand(job, new AbortController().signal, () => undefined);
    } catch (error) {
      return error as Error;
    } finally {
      process.env['PATH'] = PATH;
    }
    return { message: 'none' };
  };
  assert.equal((await ending(0)).message, 'none');
  const missing = await ending(125);
  assert.equal(missing.message, 'podman could not start the container (code 125)');
  assert.equal(missing.cannotRun, true);
  assert.equal(
    (await ending(137)).message,
    'sh was killed in its container: 64 MiB of memory is the limit of the stage',
  );
  const own = await ending(3);
  assert.deepEqual([own.message, own.cannotRun], ['sh -c true ended with code 3', undefined]);
});

test('in a sandbox, the interpreter of an environment is a link to one that is outside of the folders of the system', async () => {
  using directory = temporaryDirectory();
  const root = directory.path;
  const described = { kind: 'python', version: '3.11.7', platform: 'linux-x86_64', requirements: [] } as const;
  const made = join(root, 'environments', sha256(`${canonicalJson(described)}\n`));
  const [prefix, own] = [join(root, 'pyenv', '3.11.7'), join(root, 'own')];
  for (const folder of [join(prefix, 'bin'), join(made, 'bin'), join(made, 'lib/python3.11/site-packages'), own])
    mkdirSync(folder, { recursive: true });
  writeFileSync(join(prefix, 'bin', 'python3.11'), '#!/bin/sh\necho started\n', { mode: 0o755 });
  symlinkSync(join(prefix, 'bin', 'python3.11'), join(made, 'bin', 'python'));
  symlinkSync('python', join(made, 'bin', 'python3'));
  const { PATH } = process.env;
  const hasNone = findProgram('bwrap') === undefined;
  try {
    if (hasNone) {
      writeFileSync(join(root, 'bwrap'), '', { mode: 0o755 });
      process.env['PATH'] = `${root}${delimiter}${PATH}`;
    }
    const { line, variables } = await startOf({
      ...{ line: ['python3'], directory: own, environment: {}, path: [], folders: { own, inputs: [] } },
      ...{ installed: { described: described as never, directory: join(root, 'environments'), project: root } },
      sandbox: 'strict',
    });
    const shown = line.flatMap((word, i) => (word === '--ro-bind' ? [line[i + 1]!] : []));
    assert.ok(shown.includes(made) && shown.includes(prefix), shown.join(' '));
    // bwrap follows a link to where nothing is yet, and fails.
    assert.deepEqual(
      shown.filter((path) => path.startsWith(join(made, 'bin'))),
      [],
    );
    if (hasNone || sandboxProblem() !== undefined) return;
    const { stdout, stderr } = spawnSync(line[0]!, line.slice(1), { env: variables, encoding: 'utf8' });
    assert.equal(stderr + stdout, 'started\n');
  } finally {
    process.env['PATH'] = PATH;
  }
});

test('what a command installs into its environment is told before the next one runs there', async () => {
  using directory = temporaryDirectory();
  const root = directory.path;
  for (const [described, packages] of [
    [{ kind: 'python', version: '3.11.7', platform: 'linux-x86_64', requirements: [] }, 'lib/python3.11/site-packages'],
    [{ kind: 'r', version: '4.2.2', platform: 'x86_64-pc-linux-gnu', packages: [] }, 'library'],
  ] as const) {
    const made = join(root, 'environments', sha256(`${canonicalJson(described)}\n`));
    const put = (name: string): void => void mkdirSync(join(made, packages, name), { recursive: true });
    put('numpy-2.1.0.dist-info');
    const start = (): Promise<unknown> =>
      startOf({
        ...{ line: ['true'], directory: root, environment: {}, path: [], folders: { own: root, inputs: [] } },
        installed: { described: described as never, directory: join(root, 'environments'), project: root },
      });
    await start();
    put('__pycache__');
    await start();
    put('six-1.16.0.dist-info');
    await assert.rejects(start(), {
      cannotRun: true,
      message: `the environment in ${made} was changed by something that ran in it (six-1.16.0.dist-info is new): add what is needed to its lock file, and remove that folder: it is made again`,
    });
    rmSync(made, { recursive: true });
    put('numpy-2.1.0.dist-info');
    await start();
  }
});

test('the folder of a Python is put before the PATH only where that finds another one', async () => {
  using directory = temporaryDirectory();
  const [own, system, shims] = ['own', 'system', 'shims'].map((name) => join(directory.path, name)) as [
    string,
    string,
    string,
  ];
  const program = (...at: string[]): void => {
    mkdirSync(dirname(join(...(at as [string]))), { recursive: true });
    writeFileSync(join(...(at as [string])), '', { mode: 0o755 });
  };
  for (const at of [
    [own, 'node'],
    [system, 'node'],
    [system, 'python3'],
    [system, 'python3.11'],
    [shims, 'python3'],
  ])
    program(...at);
  const pathOf = async (path: string): Promise<string> => {
    const { PATH } = process.env;
    process.env['PATH'] = path;
    try {
      const job = { line: ['sh', 'run.sh'], directory: directory.path, environment: {}, path: [system] };
      const { variables } = await startOf({ ...job, folders: { own: directory.path, inputs: [] } });
      return variables['PATH']!;
    } finally {
      process.env['PATH'] = PATH;
    }
  };
  const both = [own, system].join(':');
  assert.equal(
    await pathOf(both),
    both,
    'a Node of the system does not hide that of the user, whose version is in the key',
  );
  assert.equal(await pathOf([shims, system].join(':')), [system, shims, system].join(':'));
  assert.equal(await pathOf(own), [system, own].join(':'));
});

test('a program that takes too long to say its version is not taken for one that is missing', async () => {
  using directory = temporaryDirectory();
  const slow = join(directory.path, 'slow');
  writeFileSync(slow, '#!/bin/sh\nexec sleep 60\n', { mode: 0o755 });
  await assert.rejects(
    answerOf(directory.path, [slow], () => [], 50),
    { name: 'InputError', message: `${slow}: it did not say its version within 0.05 s: run again` },
  );
});

test('in a project of someone else answers of programs and digests of sources are not kept, and nothing fails', async () => {
  await asOrdinaryUser(async (root) => {
    const [cache, data] = [dirname(cacheDirectory(root)), join(root, 'data')];
    for (const folder of [cache, data]) mkdirSync(folder, { recursive: true });
    writeFileSync(join(data, 'a.csv'), 'x\n');
    const before = new Date(Date.now() - 60_000);
    utimesSync(join(data, 'a.csv'), before, before);
    // The change of its times is one, too.
    await new Promise((resolve) => setTimeout(resolve, 1100));
    chmodSync(cache, 0o555);
    const cat = realpathSync(findProgram('cat')!);
    assert.equal(await answerOf(root, [cat, join(data, 'a.csv')]), 'x');
    assert.deepEqual(Object.keys(sourceFolder(root, 'data').files), ['a.csv']);
    assert.deepEqual(readdirSync(cache), []);
    chmodSync(cache, 0o755);
  });
});

test('a command that failed is told what it did not declare', () => {
  using directory = temporaryDirectory();
  const root = directory.path;
  for (const folder of ['analysis', 'data', 'lib/deep']) mkdirSync(join(root, folder), { recursive: true });
  for (const file of ['analysis/fit.py', 'analysis/helper.py', 'data/points.csv', 'lib/deep/__init__.py'])
    writeFileSync(join(root, file), '');
  process.env['REPRO_TEST_TOKEN'] = 'x';
  const cases: [string, RegExp | undefined][] = [
    [
      "ModuleNotFoundError: No module named 'helper'",
      /module helper is analysis\/helper.py of the project, which is not declared: add 'analysis\/helper.py' to files/,
    ],
    [
      "ModuleNotFoundError: No module named 'lib.deep'",
      /lib\/deep\/__init__.py of the project.*add 'lib\/deep\/\*\*\/\*.py' to files/,
    ],
    ["ModuleNotFoundError: No module named 'numpy'", /numpy is not installed: declare an environment/],
    ['Error in library(mgcv) : there is no package called ‘mgcv’', /package mgcv is not installed.*renv.lock/],
    [
      "FileNotFoundError: [Errno 2] No such file or directory: 'data/points.csv'",
      /^data\/points.csv is in the project and is not declared: add 'data\/points.csv' to files, or make it an input/,
    ],
    [
      "python3: can't open file '/store/scratch/ab/job-12/analysis/helper.py': [Errno 2] No such file or directory",
      /^analysis\/helper.py is in the project/,
    ],
    ['cat: data/points.csv: No such file or directory', /^data\/points.csv is in the project/],
    ["cannot open file 'data/points.csv': No such file or directory", /^data\/points.csv is in the project/],
    ["ls: cannot access 'data': No such file or directory", /add 'data\/\*\*' to files/],
    ['ls: data: No such file or directory', /add 'data\/\*\*' to files/],
    [
      `  File "os.py", line 1\n    os.environ['REPRO_TEST_TOKEN']\nKeyError: 'REPRO_TEST_TOKEN'`,
      /variable REPRO_TEST_TOKEN is not declared, though it is set in your shell: /,
    ],
    [
      'fit.sh: 3: TOKEN: parameter not set',
      /variable TOKEN is not declared: commands get only those of variables: \{ TOKEN: '\.\.\.' \}/,
    ],
    ["KeyError: 'column'", undefined],
    ['FileNotFoundError: [Errno 2] No such file or directory: "elsewhere.csv"', undefined],
  ];
  for (const [log, expected] of cases) {
    const told = explainFailure({ root, log: `before\n${log}\n`, files: ['analysis/fit.py'], hasEnvironment: false });
    if (expected) assert.match(told ?? 'nothing', expected, log);
    else assert.equal(told, undefined, log);
    const failed = { type: 'failed', message: 'failed', log } as const;
    const outcome = explained(failed, {}, { root, files: ['analysis/fit.py'] });
    assert.deepEqual(outcome, {
      ...failed,
      ...(told !== undefined && { message: `failed: ${told}` }),
      ...(/numpy|mgcv/.test(log) && { cannotRun: true }),
    });
    const withEnvironment = explained(failed, { environment: 'declared' }, { root, files: ['analysis/fit.py'] });
    assert.ok(!('cannotRun' in withEnvironment));
  }
  delete process.env['REPRO_TEST_TOKEN'];
});

test('a line starts interpreters by their paths, through other programs, through shells and by the first line of a script', () => {
  const started = (line: string): string => startedPrograms(line.split(' ')).join(' ');
  assert.equal(started('python3 fit.py'), 'python3');
  assert.equal(started('/opt/bin/python3 fit.py'), '/opt/bin/python3');
  assert.equal(started('env A=1 timeout 60 Rscript fit.R'), 'env Rscript');
  assert.equal(started('flock lock chrt -b 0 julia fit.jl'), 'flock julia');
  assert.equal(started('tool python3'), 'tool');
  assert.deepEqual(startedPrograms(['sh', '-c', 'A=1 python3 fit.py | /opt/julia x']), ['sh', 'python3', '/opt/julia']);
  assert.deepEqual(programsInScript('# python2\nset -e\nx=$(perl -e 1)\nexec "python3" fit.py\nnodes=3\n'), [
    'perl',
    'python3',
  ]);
  assert.deepEqual(programsOfShebang('#!/usr/bin/env -S python3 -I\n'), ['/usr/bin/env', 'python3']);
  assert.deepEqual(programsOfShebang('python3\n'), []);
});

test('a package that is installed in place counts by its content: an edit changes no version', async () => {
  using directory = temporaryDirectory();
  const at = (...parts: string[]): string => join(directory.path, ...parts);
  execFileSync('python3', ['-m', 'venv', '--without-pip', at('venv')]);
  const site = at('venv', 'lib', readdirSync(at('venv', 'lib'))[0]!, 'site-packages');
  const info = join(site, 'mine-1.dist-info');
  for (const folder of [info, at('mine', 'part'), at('path')]) mkdirSync(folder, { recursive: true });
  writeFileSync(join(info, 'METADATA'), 'Metadata-Version: 2.1\nName: mine\nVersion: 1\n');
  writeFileSync(
    join(info, 'direct_url.json'),
    JSON.stringify({ url: `file://${at('mine')}`, dir_info: { editable: true } }),
  );
  writeFileSync(join(site, 'more.pth'), at('path'));
  const packages = async (): Promise<string> =>
    JSON.stringify((await askPython(directory.path, at('venv', 'bin', 'python3')))!.packages);
  const seen: string[] = [];
  for (const file of [at('mine', 'part', 'a.py'), at('path', 'b.py')]) {
    seen.push(await packages());
    writeFileSync(file, 'x = 1\n');
    seen.push(await packages());
    writeFileSync(file, 'x = 2\n');
    seen.push(await packages());
    rmSync(file);
  }
  assert.equal(new Set(seen).size, 5, seen.join('\n'));
  assert.equal(seen[0], seen[3]);
  rmSync(cacheDirectory(directory.path), { recursive: true, force: true });
});

test('packages are compiled when an environment is made: no job may write bytecode', async () => {
  using place = temporaryDirectory();
  const path = process.env['PATH'];
  const calls = join(place.path, 'calls');
  mkdirSync(join(place.path, 'bin'));
  writeFileSync(join(place.path, 'bin/uv'), `#!/bin/sh\nprintf '%s ' "$@" >> ${calls}\n`);
  chmodSync(join(place.path, 'bin/uv'), 0o755);
  process.env['PATH'] = `${join(place.path, 'bin')}:${path}`;
  try {
    const facts = await findPython(place.path, undefined);
    assert.ok(!('missing' in facts), 'Python is here');
    const { version, platform } = facts;
    const requirements = ['six==1.16.0 --hash=sha256:aa'];
    await makeEnvironment(place.path, { kind: 'python', version, platform, requirements }, place.path);
  } finally {
    process.env['PATH'] = path;
  }
  assert.match(readFileSync(calls, 'utf8'), /^venv .* pip install .*--compile-bytecode .*--require-hashes /);
});

test('of a lock file for several machines, a report names the packages of this one', () => {
  const requirements = [
    "numpy==2.4.6 ; python_full_version < '3.12' --hash=sha256:aa",
    "numpy==2.5.5 ; python_full_version >= '3.12' --hash=sha256:bb",
    "colorama==0.4 ; sys_platform == 'win32' and python_version >= '3.9' --hash=sha256:cc",
    "other==1 ; platform_machine == 'x' or extra == 'y' --hash=sha256:dd",
    'six==1.16.0 --hash=sha256:ee',
  ];
  const on = (version: string, platform: string): string =>
    describeEnvironment({ kind: 'python', version, platform, requirements });
  assert.equal(on('3.11.7', 'linux-x86_64'), 'Python 3.11.7 (linux-x86_64) with numpy 2.4.6, other 1, six 1.16.0');
  assert.equal(on('pypy 3.12.0', 'linux-aarch64').split(' with ')[1], 'numpy 2.5.5, other 1, six 1.16.0');
  assert.equal(on('3.10.1', 'win-amd64').split(' with ')[1], 'numpy 2.4.6, colorama 0.4, other 1, six 1.16.0');
});
