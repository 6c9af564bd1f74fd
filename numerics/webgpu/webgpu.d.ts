/// <reference types="@webgpu/types" />

/** Dawn for Node: an optional dependency, so its own types may be absent. */
declare module 'webgpu' {
  export function create(options: readonly string[]): GPU;
  /** The classes and flags that browsers have as globals. */
  export const globals: Readonly<Record<string, unknown>>;
}
