const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Does something that the first interrupt asks to end, and the second ends at once. Returns whether one came. */
export async function untilInterrupted(work: (signal: AbortSignal) => Promise<void>): Promise<boolean> {
  const abort = new AbortController();
  const onSignal = (): void => {
    if (abort.signal.aborted) process.exit(130);
    abort.abort();
  };
  for (const signal of signals) process.on(signal, onSignal);
  try {
    await work(abort.signal);
  } finally {
    for (const signal of signals) process.off(signal, onSignal);
  }
  return abort.signal.aborted;
}
