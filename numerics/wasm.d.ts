/** An AssemblyScript kernel: `X.wasm` is compiled from `X.as.ts` when it is bundled. */
declare module '*.wasm' {
  const bytes: Uint8Array;
  export default bytes;
}
declare module '*.wgsl' {
  const text: string;
  export default text;
}

/** The part of the standard WebAssembly interface in use, which TypeScript otherwise declares only with all of the DOM. */
declare namespace WebAssembly {
  class Memory {
    constructor(descriptor: { initial: number; maximum?: number });
    readonly buffer: ArrayBuffer;
  }
  class Module {
    constructor(bytes: Uint8Array);
  }
  class Instance {
    constructor(module: Module, imports: Record<string, Record<string, unknown>>);
    readonly exports: Record<string, unknown>;
  }
}
