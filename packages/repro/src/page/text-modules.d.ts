/** Files that bundles hold as text. */
declare module '*.css' {
  const text: string;
  export default text;
}
/** `./client.browser` is `client.browser.ts` as a script. */
declare module '*.browser' {
  const script: string;
  export default script;
}
