/** What one probe, or one hook, came to. */
export interface Outcome {
  readonly ok: boolean;
  /** Why it failed. */
  readonly message: string;
}
