/** What a published figure shows beyond the claims made of it, set beside the same of this run. */
export interface Finding {
  /** A statement that the published figure bears out. */
  readonly finding: string;
  readonly where: string;
  readonly published: string;
  readonly here: string;
  /** Whether the same statement holds here. */
  readonly holds: boolean;
}
