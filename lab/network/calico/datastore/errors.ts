/** Why a compare-and-swap did not happen; the store is as the other writer left it. */
export type ConflictReason = 'exists' | 'changed' | 'gone';

/** Someone else wrote first. Read again, decide again, try again. */
export class ConflictError extends Error {
  readonly reason: ConflictReason;
  readonly kind: string;
  readonly key: string;

  constructor(reason: ConflictReason, kind: string, key: string) {
    const what = { exists: 'already exists', changed: 'was changed by another writer', gone: 'is gone' }[
      reason
    ];
    super(`${kind} "${key}" ${what}`);
    this.name = 'ConflictError';
    this.reason = reason;
    this.kind = kind;
    this.key = key;
  }
}

/** The store itself failed: it does not answer, or refuses. */
export class DatastoreError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'DatastoreError';
  }
}

/** The store does not answer now; it may later. */
export class UnavailableError extends DatastoreError {
  constructor(message: string, cause?: unknown) {
    super(message, cause);
    this.name = 'UnavailableError';
  }
}

/** True when `error` says that another writer came first. */
export function isConflict(error: unknown): error is ConflictError {
  return error instanceof ConflictError;
}
