/** What the state of a task means for the nodes that it has not built. */
export type Verdict =
  /** It waits or runs. */
  | 'active'
  /** It ended by itself, well or not: what is missing failed. */
  | 'ended'
  | 'out-of-memory'
  | 'time-limit'
  /** The cluster took the machine away: the job did nothing wrong. */
  | 'lost'
  /** Somebody ended it on purpose. */
  | 'cancelled'
  /** Slurm knows nothing of it, or says so. */
  | 'unknown';

const verdicts: Readonly<Record<string, Verdict>> = {
  COMPLETED: 'ended',
  FAILED: 'ended',
  LAUNCH_FAILED: 'ended',
  DEADLINE: 'ended',
  OUT_OF_MEMORY: 'out-of-memory',
  TIMEOUT: 'time-limit',
  NODE_FAIL: 'lost',
  BOOT_FAIL: 'lost',
  PREEMPTED: 'lost',
  REVOKED: 'lost',
  RECONFIG_FAIL: 'lost',
  CANCELLED: 'cancelled',
  UNKNOWN: 'unknown',
};

/** States that are not listed, such as PENDING, RUNNING, REQUEUED, SUSPENDED and COMPLETING, mean that it is under way. */
export function verdictOf(state: string | undefined): Verdict {
  return state === undefined ? 'unknown' : (verdicts[state] ?? 'active');
}

/** Where memory is watched by Slurm itself and not by the kernel, a job that used too much ends as FAILED or CANCELLED, and its log says why. */
export function saysOutOfMemory(log: string): boolean {
  return /exceeded (job |step )?memory limit|oom[-_ ]kill|out of memory/i.test(log);
}

/** Why a job waits for what will not come by itself, in Slurm's words; undefined if it may start by itself. */
export function hopelessReason({ state, reason }: { readonly state: string; readonly reason: string }) {
  // Held by Slurm after it was put back into the queue: its node did not start it, or it came back too often.
  if (state === 'REQUEUE_HOLD' || state === 'SPECIAL_EXIT') return /^(|None)$/.test(reason) ? state : reason;
  return state === 'PENDING' && (hopelessReasons.has(reason) || /requeued[ _]held/i.test(reason)) ? reason : undefined;
}

/** Reasons of a waiting job that time does not cure. */
const hopelessReasons: ReadonlySet<string> = new Set([
  'PartitionTimeLimit',
  'PartitionNodeLimit',
  'PartitionInactive',
  'PartitionDown',
  'BadConstraints',
  'InvalidAccount',
  'InvalidQOS',
  'QOSMaxCpuPerJobLimit',
  'QOSMaxMemoryPerJob',
  'QOSMaxWallDurationPerJobLimit',
  'AssocMaxWallDurationPerJobLimit',
  'AssocMaxMemPerJob',
  'JobHeldUser',
  'JobHeldAdmin',
  'JobHoldMaxRequeue',
]);
