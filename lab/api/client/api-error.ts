import type { Status } from '../objects/index.ts';

/** A refusal of the API server. */
export class ApiError extends Error {
  /** HTTP status, e.g. 409. */
  readonly code: number;
  /** e.g. `Conflict`, `AlreadyExists`, `NotFound`, `Expired`. */
  readonly reason: string;
  readonly status: Status;

  constructor(status: Status) {
    super(status.message ?? `the server answered ${status.code ?? 500}`);
    this.name = 'ApiError';
    this.code = status.code ?? 500;
    this.reason = status.reason ?? '';
    this.status = status;
  }
}

export const isNotFound = (error: unknown): boolean => error instanceof ApiError && error.code === 404;
export const isConflict = (error: unknown): boolean =>
  error instanceof ApiError && error.code === 409 && error.reason !== 'AlreadyExists';
export const isAlreadyExists = (error: unknown): boolean =>
  error instanceof ApiError && error.reason === 'AlreadyExists';
/** 410: the resourceVersion is older than what the server remembers. */
export const isGone = (error: unknown): boolean => error instanceof ApiError && error.code === 410;
/** A create in a namespace that is being deleted; there is no use in trying again. */
export const isNamespaceTerminating = (error: unknown): boolean =>
  error instanceof ApiError &&
  (error.status.details?.causes ?? []).some((cause) => cause.reason === 'NamespaceTerminating');
