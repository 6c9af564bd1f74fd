import type { Described } from './environment.ts';

/** `Python 3.11.7 (linux-x86_64) with numpy 2.1.0, scipy 1.14.1` */
export function describeEnvironment(described: Described): string {
  switch (described.kind) {
    case 'python': {
      const packages = described.requirements.map((line) => line.split(' ')[0]!.replace('==', ' '));
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

function withPackages(packages: readonly string[]): string {
  return packages.length > 0 ? ` with ${packages.join(', ')}` : '';
}
