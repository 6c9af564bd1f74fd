/** Items that wait, in groups that are submitted together: first come, first served within a group. Each call costs the same however many wait. */
export class Pending<T> {
  readonly #groups = new Map<string, { items: T[]; next: number }>();
  readonly #groupOf: (item: T) => string;
  #size = 0;

  constructor(groupOf: (item: T) => string) {
    this.#groupOf = groupOf;
  }

  get size(): number {
    return this.#size;
  }

  /** Names of the groups that have any, in the order in which they came to be. */
  groups(): string[] {
    return [...this.#groups.keys()];
  }

  count(group: string): number {
    const known = this.#groups.get(group);
    return known ? known.items.length - known.next : 0;
  }

  push(item: T): void {
    const group = this.#groupOf(item);
    const known = this.#groups.get(group);
    if (known) known.items.push(item);
    else this.#groups.set(group, { items: [item], next: 0 });
    this.#size++;
  }

  first(group: string): T | undefined {
    const known = this.#groups.get(group);
    return known?.items[known.next];
  }

  shift(group: string): T | undefined {
    const known = this.#groups.get(group);
    const item = known?.items[known.next];
    if (!known || item === undefined) return undefined;
    known.next++;
    this.#size--;
    if (known.next === known.items.length) this.#groups.delete(group);
    else if (known.next > 1000 && 2 * known.next > known.items.length) {
      known.items.splice(0, known.next);
      known.next = 0;
    }
    return item;
  }

  /** Puts items back where they came from, before all others of their groups. */
  putBack(items: readonly T[]): void {
    for (const item of [...items].reverse()) {
      const group = this.#groupOf(item);
      const known = this.#groups.get(group);
      if (!known) this.#groups.set(group, { items: [item], next: 0 });
      else if (known.next > 0) known.items[--known.next] = item;
      else known.items.unshift(item);
      this.#size++;
    }
  }

  /** Takes everything out. */
  clear(): T[] {
    const all = [...this.#groups.values()].flatMap(({ items, next }) => items.slice(next));
    this.#groups.clear();
    this.#size = 0;
    return all;
  }
}
