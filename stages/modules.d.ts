/** `./parts.folder`: the modules of all files in `parts/`. */
declare module '*.folder' {
  const modules: readonly Readonly<Record<string, unknown>>[];
  export default modules;
}
