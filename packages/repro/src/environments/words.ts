import type { Described } from './environment.ts';

/** `Python 3.11.7 (linux-x86_64) with numpy 2.1.0, scipy 1.14.1` */
export function describeEnvironment(described: Described): string {
  switch (described.kind) {
    case 'python': {
      const packages = described.requirements
        .filter((line) => mayBeFor(line, described.version, described.platform))
        .map((line) => line.split(' ')[0]!.replace('==', ' '));
      return `Python ${described.version} (${described.platform})${withPackages(packages)}`;
    }
    case 'r':
      return `R ${described.version} (${described.platform})${withPackages(described.packages.map(({ name, version }) => `${name} ${version}`))}`;
    case 'container':
      return `container ${described.image}`;
    case 'tools':
      return Object.values(described.tools).join(', ');
  }
}

/**
 * Whether a line of a lock file for several machines is for this one: `numpy==2.4.6 ; python_full_version < '3.12'`. Only
 * what compares versions of Python and names a system is looked at; anything else may be.
 */
function mayBeFor(line: string, version: string, platform: string): boolean {
  const marker = /^\S+\s*;\s*(.*?)(\s--hash=|$)/.exec(line)?.[1] ?? '';
  if (/\bor\b|[()]/.test(marker)) return true;
  return marker.split(/\s+and\s+/).every((term) => {
    const [, name, operator, value] = /^(\w+)\s*(<=?|>=?|==|!=)\s*['"]([\w.]+)['"]$/.exec(term.trim()) ?? [];
    if (name === 'python_full_version' || name === 'python_version') {
      const wanted = value!.split('.');
      const order = compared(
        version
          .split(' ')
          .at(-1)!
          .split('.')
          .slice(0, name === 'python_version' ? 2 : 3),
        wanted,
      );
      return holds(order, operator!);
    }
    if (name !== 'sys_platform' || (operator !== '==' && operator !== '!=')) return true;
    const system = platform.startsWith('mac')
      ? 'darwin'
      : platform.startsWith('win')
        ? 'win32'
        : platform.split('-')[0];
    return holds(system === value ? 0 : 1, operator);
  });
}

function compared(left: readonly string[], right: readonly string[]): number {
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = Number.parseInt(left[i] ?? '0', 10) - Number.parseInt(right[i] ?? '0', 10);
    if (difference !== 0) return difference;
  }
  return 0;
}

function holds(order: number, operator: string): boolean {
  const equal = order === 0;
  switch (operator) {
    case '==':
      return equal;
    case '!=':
      return !equal;
    case '<':
      return order < 0;
    case '>':
      return order > 0;
    case '<=':
      return order <= 0;
    default:
      return order >= 0;
  }
}

function withPackages(packages: readonly string[]): string {
  return packages.length > 0 ? ` with ${packages.join(', ')}` : '';
}
