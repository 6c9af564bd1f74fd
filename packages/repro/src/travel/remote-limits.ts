/** When a remote is given up. */
export interface RemoteLimits {
  /** An answer that does not come, or go on, for so long is none. */
  readonly idleMilliseconds: number;
  /** Of one request, before it counts as a failure. */
  readonly attempts: number;
  /** Before the second attempt; doubled before each further one. */
  readonly backOffMilliseconds: number;
  /** A remote that failed so often is not asked again in this run. */
  readonly failures: number;
  /**
   * A remote that takes longer on average, over the first answers, is not asked again: computing may be faster. What is
   * sent, and blobs above 1 MiB, are not counted.
   */
  readonly slowMilliseconds: number;
  /** A larger blob is not taken. */
  readonly largestBlob: number;
}

export const defaultLimits: RemoteLimits = {
  idleMilliseconds: 15_000,
  attempts: 3,
  backOffMilliseconds: 200,
  failures: 3,
  slowMilliseconds: 3_000,
  largestBlob: 16 * 2 ** 30,
};
