// @ts-check
/** What each template shows, in the order of the help. @type {Readonly<Record<string, string>>} */
export const templateWords = {
  minimal: 'commands in shell, one claim, one figure',
  python: 'scripts in Python with a locked environment, a sweep, Parquet',
  paper: 'the reproduction of a paper: published data, two parameter sets, an acknowledged finding',
};
