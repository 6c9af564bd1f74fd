import { readFileSync } from 'node:fs';

export interface ReadmeBlocks {
  /** Path -> text, of blocks that start with e.g. ` ```ts file=stages/fit/run.ts `. */
  readonly files: Readonly<Record<string, string>>;
  /** Lines of blocks that start with ` ```sh run `, without their comments. */
  readonly commands: readonly string[];
}

/** The code blocks of a Markdown file that are marked as files of a project or as commands to run in it. */
export function readmeBlocks(path: string): ReadmeBlocks {
  const files: Record<string, string> = {};
  const commands: string[] = [];
  for (const [, mark, text] of readFileSync(path, 'utf8').matchAll(/^```\w+ (file=\S+|run)\n([^]*?)^```$/gm)) {
    if (mark === 'run') {
      const lines = text!.split('\n').map((line) => line.replace(/ +#.*/, '').trim());
      commands.push(...lines.filter((line) => line !== ''));
    } else files[mark!.slice('file='.length)] = text!;
  }
  return { files, commands };
}
