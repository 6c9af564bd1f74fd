import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import { InputError, oneOf } from '../../errors.ts';
import { planSettled, Scan } from '../../plan/scan.ts';
import { refuseOther, refuseToReplace } from '../../store/named-file.ts';
import { exampleWords } from '../invocation.ts';
import type { Invocation } from '../invocation.ts';
import { collect, openFrom, withCommonOptions, withExample } from '../options.ts';
import type { CommonOptions } from '../options.ts';
import { byteSize, complain, print } from '../print.ts';
import { plural } from '../../plural.ts';
import { archiveCompression } from '../../travel/archive.ts';
import { untilInterrupted } from '../until-interrupted.ts';

interface Options extends CommonOptions {
  readonly without: string[];
  readonly maxBlob: number | undefined;
}

export function exportVerb(program: Command, invocation: Invocation): void {
  const command = program
    .command('export')
    .description('one archive, or a folder, with the results of a parameter set, for another machine or a repository')
    .argument(
      '<file>',
      'the archive to write, by zstd if its name ends with .zst, else by gzip; a folder of its files if it ends with / or is a folder',
    );
  withCommonOptions(command, invocation)
    .option('--without <stage>', 'stage whose bytes are left out; repeatable', collect, [])
    .option('--max-blob <size>', 'largest output to include, e.g. 100kB or 1MB', byteCount)
    .action((file: string, options: Options) => write(invocation, file, options));
  withExample(
    command,
    invocation,
    `repro export results.tar.gz --params ${exampleWords(invocation).set} --max-blob 1MB`,
  );
}

/** Of gzip and of Zstandard. */
const archiveStarts = [Buffer.from('1f8b', 'hex'), Buffer.from('28b52ffd', 'hex')];

async function write(invocation: Invocation, file: string, options: Options): Promise<void> {
  const path = resolve(file);
  refuseToReplace(path, file);
  refuseOther(path, archiveStarts, file);
  archiveCompression(file);
  const [{ selectResults, writeArchive, writeFolder }, { beginsAsArchive }] = await Promise.all([
    import('../../travel/export.ts'),
    import('../../travel/import.ts'),
  ]);
  if (statSync(path, { throwIfNoEntry: false })?.isFile() && statSync(path).size > 0 && !(await beginsAsArchive(path)))
    throw new InputError(
      `${file}: another compressed file is there: expected a name that is free, or an archive to replace`,
    );
  const session = await openFrom(invocation, options, 'existing');
  const { graph, store, parameters } = session;
  const stages = [...new Set(graph.nodes.map(({ stage }) => stage.name))];
  for (const stage of options.without)
    if (!stages.includes(stage)) throw new InputError(`--without ${stage}: no such stage: ${oneOf(stages)}`);
  const { decisions } = planSettled(graph, new Scan(session));
  const without = new Set(options.without);
  const selection = selectResults(store, graph.nodes, decisions, { without, maximumBlob: options.maxBlob ?? Infinity });
  if (selection.keys.length === 0)
    throw new InputError(`${parameters.name}: no result of it is in the store: run it first`);
  const isFolder = /[/\\]$/.test(file) || statSync(path, { throwIfNoEntry: false })?.isDirectory();
  const writeWhole = async (signal: AbortSignal) =>
    isFolder
      ? { ...(await writeFolder(store, selection, path, signal)), compression: 'a folder' }
      : await writeArchive(store, selection, path, signal);
  let written: Awaited<ReturnType<typeof writeWhole>> | undefined;
  await untilInterrupted(async (signal) => {
    try {
      written = await writeWhole(signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  });
  session.close();
  if (!written) {
    complain('export: interrupted: nothing was written');
    process.exitCode = 130;
    return;
  }
  const fresh = decisions.filter(({ state }) => state === 'fresh').length;
  print(
    `exported ${fresh} of ${plural(graph.nodes.length, 'node')}: ${plural(selection.keys.length, 'result')}, ` +
      `${plural(selection.blobs.size, 'blob')}, ${byteSize(written.size)} (${written.compression}); left out ` +
      `${plural(selection.elsewhere.length, 'blob')} (${byteSize(selection.leftOutBytes)})\n` +
      `${'sha256' in written ? `sha256 ${written.sha256}\n` : ''}content sha256 ${written.content}\n`,
  );
}

/** `1500`, `100kB`, `1.5 MB`. */
function byteCount(text: string): number {
  const match = /^(\d+(?:\.\d+)?) ?([kMGT]?)B?$/.exec(text.trim());
  if (!match) throw new InvalidArgumentError('expected a size such as 100kB or 1MB');
  return Number(match[1]) * 1000 ** ' kMGT'.indexOf(match[2] || ' ');
}
