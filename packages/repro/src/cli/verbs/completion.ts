import { Argument } from 'commander';
import type { Command } from 'commander';
import { knownSets, loadParameters } from '../../params/load.ts';
import { planGraph } from '../../session.ts';
import type { Invocation } from '../invocation.ts';
import { withExample, withParameterOptions } from '../options.ts';
import type { CommonOptions } from '../options.ts';
import { print } from '../print.ts';

export function completionVerb(program: Command, invocation: Invocation): void {
  const command = program
    .command('completion')
    .description('shell script that completes verbs, options, parameter sets and node names')
    .addArgument(new Argument('[shell]').choices(['bash', 'zsh', 'fish']));
  withParameterOptions(command, invocation)
    .option('--nodes', 'print the names of stages and nodes instead, a line each', false)
    .option('--sets', 'print the names of parameter sets instead, a line each', false)
    .action(
      (
        shell: 'bash' | 'zsh' | 'fish' | undefined,
        options: Pick<CommonOptions, 'params' | 'set'> & { nodes: boolean; sets: boolean },
      ) => {
        if (options.sets) return print(lines(knownSets(invocation.root)));
        if (options.nodes) return print(lines(nodeNames(invocation, options)));
        if (shell === undefined) return command.error('error: expected a shell: bash, zsh or fish', { exitCode: 2 });
        print({ bash, zsh, fish }[shell](verbsOf(program)));
      },
    );
  withExample(command, invocation, 'source <(repro completion bash)', 'repro completion fish | source');
}

interface Verb {
  readonly name: string;
  readonly description: string;
  readonly options: readonly { readonly long: string; readonly description: string }[];
  readonly takesNodes: boolean;
}

function verbsOf(program: Command): Verb[] {
  return program.commands.map((command) => ({
    name: command.name(),
    description: command.description(),
    options: [
      ...command.options.map(({ long, description }) => ({ long: long!, description })),
      { long: '--help', description: 'how it is used' },
    ],
    takesNodes: command.registeredArguments.some((argument) => argument.name().startsWith('node')),
  }));
}

function nodeNames({ pipeline, root }: Invocation, { params, set }: Pick<CommonOptions, 'params' | 'set'>): string[] {
  const { graph } = planGraph(pipeline, root, loadParameters(root, params, set, pipeline.params));
  const names = graph.nodes.map(({ name }) => name);
  return [...new Set([...graph.nodes.map(({ stage }) => stage.name), ...names])];
}

/** `=` separates words for bash, unless they are quoted, so what is offered is the part after the last one. */
function bash(verbs: readonly Verb[]): string {
  return `_repro() {
  local line=\${COMP_LINE:0:COMP_POINT} word previous verb params
  local quoted=
  word=\${line##*[[:space:]]}; [[ $word == [\\'\\"]* ]] && quoted=yes word=\${word:1}
  previous=\${line%"\${line##*[[:space:]]}"}; previous=\${previous%%[[:space:]]}; previous=\${previous##*[[:space:]]}
  verb=\${COMP_WORDS[1]}
  params=$(sed -n 's/.*--params[= ]\\([^ ]*\\) .*/--params \\1/p' <<< "$line")
  local IFS=$'\\n' candidates=
  if [[ $previous == --params ]]; then candidates=$("\${COMP_WORDS[0]}" completion --sets 2> /dev/null)
  elif [[ $previous == "\${COMP_WORDS[0]}" ]]; then candidates='${verbs.map(({ name }) => name).join('\n')}'
  elif [[ $word == -* ]]; then
    case $verb in
${verbs.map(({ name, options }) => `      ${name}) candidates='${options.map(({ long }) => long).join('\n')}' ;;`).join('\n')}
    esac
  else
    case $verb in
      ${verbs
        .filter(({ takesNodes }) => takesNodes)
        .map(({ name }) => name)
        .join('|')})
        candidates=$(IFS=' '; "\${COMP_WORDS[0]}" completion --nodes $params 2> /dev/null) ;;
      *) compopt -o default ;;
    esac
  fi
  local skip= candidate
  [[ $quoted ]] || skip=\${word%"\${word##*=}"}
  COMPREPLY=()
  while IFS= read -r candidate; do
    [[ -n $candidate && "$candidate" == "$word"* ]] && COMPREPLY+=("\${candidate#"$skip"}")
  done <<< "$candidates"
}
complete -F _repro repro ./repro
`;
}

function zsh(verbs: readonly Verb[]): string {
  const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
  const described = ({ name, description }: { name: string; description: string }): string =>
    quoted(`${name.replaceAll(':', '\\:')}:${description}`);
  return `#compdef repro ./repro
_repro() {
  local -a candidates params
  local at=\${words[(I)--params]}
  (( at > 0 && at < CURRENT - 1 )) && params=(--params \${words[at + 1]})
  if (( CURRENT == 2 )); then
    candidates=(${verbs.map(described).join(' ')})
    _describe verb candidates
  elif [[ \${words[CURRENT - 1]} == --params ]]; then
    candidates=(\${(f)"$(\${words[1]} completion --sets 2> /dev/null)"})
    compadd -a candidates
  elif [[ \${words[CURRENT]} == -* ]]; then
    case \${words[2]} in
${verbs.map(({ name, options }) => `      ${name}) candidates=(${options.map(({ long, description }) => described({ name: long, description })).join(' ')}) ;;`).join('\n')}
    esac
    _describe option candidates
  else
    case \${words[2]} in
      ${verbs
        .filter(({ takesNodes }) => takesNodes)
        .map(({ name }) => name)
        .join('|')})
        candidates=(\${(f)"$(\${words[1]} completion --nodes $params 2> /dev/null)"})
        compadd -a candidates ;;
      *) _files ;;
    esac
  fi
}
compdef _repro repro ./repro
`;
}

function fish(verbs: readonly Verb[]): string {
  const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const takers = verbs.filter(({ takesNodes }) => takesNodes).map(({ name }) => name);
  return [
    'complete -c repro -f',
    ...verbs.map(
      ({ name, description }) => `complete -c repro -n __fish_use_subcommand -a ${name} -d ${quoted(description)}`,
    ),
    ...verbs.flatMap(({ name, options }) =>
      options.map(({ long, description }) => {
        const values = long === '--params' ? " -x -a '(repro completion --sets 2> /dev/null)'" : '';
        return `complete -c repro -n '__fish_seen_subcommand_from ${name}' -l ${long.slice(2)} -d ${quoted(description)}${values}`;
      }),
    ),
    `complete -c repro -n '__fish_seen_subcommand_from ${takers.join(' ')}' -a '(repro completion --nodes 2> /dev/null)'`,
    '',
  ].join('\n');
}

function lines(words: readonly string[]): string {
  return words.map((word) => `${word}\n`).join('');
}
