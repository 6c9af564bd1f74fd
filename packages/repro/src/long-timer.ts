/** Milliseconds, about 24 days: Node ends a timer of more at once. */
const longest = 2 ** 31 - 1;

/** Calls back after so many milliseconds, unless the function that it returns is called first. */
export function after(milliseconds: number, callback: () => void): () => void {
  let timer: NodeJS.Timeout;
  const start = (left: number): void => {
    timer = left > longest ? setTimeout(() => start(left - longest), longest) : setTimeout(callback, left);
  };
  start(milliseconds);
  return () => clearTimeout(timer);
}
