import type { FieldError } from './kind.ts';

/** A `v1.Status`, as every refusal of the API server is answered. */
export interface Status {
  readonly kind: 'Status';
  readonly apiVersion: 'v1';
  readonly metadata: { readonly continue?: string };
  readonly status: 'Success' | 'Failure';
  readonly message?: string;
  readonly reason?: string;
  readonly details?: StatusDetails;
  readonly code?: number;
}

export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly StatusCause[];
  readonly retryAfterSeconds?: number;
}

export interface StatusCause {
  readonly reason: string;
  readonly message: string;
  readonly field?: string;
}

/** Group and plural (or, in a 422, the kind) that a refusal speaks of. */
export interface GroupName {
  readonly group: string;
  readonly name: string;
}

interface StatusErrorFields {
  readonly code: number;
  readonly reason?: string;
  readonly message: string;
  readonly details?: StatusDetails;
  readonly continueToken?: string;
}

/** A refusal with its `Status` object. Whatever else is thrown while a request is served is a bug and answers 500. */
export class StatusError extends Error {
  readonly code: number;
  readonly reason: string | undefined;
  readonly details: StatusDetails | undefined;
  readonly continueToken: string | undefined;

  constructor(fields: StatusErrorFields) {
    super(fields.message);
    this.name = 'StatusError';
    this.code = fields.code;
    this.reason = fields.reason;
    this.details = fields.details;
    this.continueToken = fields.continueToken;
  }

  /** The object as it goes into the answer; fields in the order of the Go type. */
  toStatus(): Status {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: this.continueToken === undefined ? {} : { continue: this.continueToken },
      status: 'Failure',
      message: this.message,
      ...(this.reason === undefined ? {} : { reason: this.reason }),
      ...(this.details === undefined ? {} : { details: this.details }),
      code: this.code,
    };
  }
}

/** `deployments.apps`, or `services` for the core group: how messages name a resource or kind. */
export function qualified(resource: GroupName): string {
  return resource.group === '' ? resource.name : `${resource.name}.${resource.group}`;
}

function detailsOf(resource: GroupName, name: string, causes?: readonly StatusCause[]): StatusDetails {
  return {
    ...(name === '' ? {} : { name }),
    ...(resource.group === '' ? {} : { group: resource.group }),
    kind: resource.name,
    ...(causes === undefined ? {} : { causes }),
  };
}

/** 404 `services "nope" not found`. */
export function notFound(resource: GroupName, name: string): StatusError {
  return new StatusError({
    code: 404,
    reason: 'NotFound',
    message: `${qualified(resource)} "${name}" not found`,
    details: detailsOf(resource, name),
  });
}

/** 409 `services "a" already exists`. */
export function alreadyExists(resource: GroupName, name: string): StatusError {
  return new StatusError({
    code: 409,
    reason: 'AlreadyExists',
    message: `${qualified(resource)} "${name}" already exists`,
    details: detailsOf(resource, name),
  });
}

/** 409 `Operation cannot be fulfilled on services "a": …`. */
export function conflict(resource: GroupName, name: string, why: string): StatusError {
  return new StatusError({
    code: 409,
    reason: 'Conflict',
    message: `Operation cannot be fulfilled on ${qualified(resource)} "${name}": ${why}`,
    details: detailsOf(resource, name),
  });
}

/** 403 `pods "x" is forbidden: …` (without a name: `pods is forbidden: …`). */
export function forbidden(
  resource: GroupName,
  name: string,
  why: string,
  causes?: readonly StatusCause[],
): StatusError {
  const quoted = name === '' ? '' : ` "${name}"`;
  return new StatusError({
    code: 403,
    reason: 'Forbidden',
    message: `${qualified(resource)}${quoted} is forbidden: ${why}`,
    details: detailsOf(resource, name, causes),
  });
}

/** 422 `Service "x" is invalid: spec.ports: Required value`; `kind.name` is the kind, not the plural. */
export function invalid(kind: GroupName, name: string, errors: readonly FieldError[]): StatusError {
  return new StatusError({
    code: 422,
    reason: 'Invalid',
    message: `${qualified(kind)} "${name}" is invalid: ${aggregate(errors)}`,
    details: detailsOf(
      kind,
      name,
      errors.map(({ reason, message, field }) => ({ reason, message, field })),
    ),
  });
}

/** Go's `field.ErrorList.ToAggregate().Error()`: one error bare, more in brackets, equal ones once. */
function aggregate(errors: readonly FieldError[]): string {
  const texts = [...new Set(errors.map((error) => `${error.field}: ${error.message}`))];
  return texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`;
}

/** 400 with `reason: BadRequest`. */
export function badRequest(message: string): StatusError {
  return new StatusError({ code: 400, reason: 'BadRequest', message });
}

/** The 500 that a real server gives for an error of the client's that its code does not classify: no reason. */
export function unclassified(message: string): StatusError {
  return new StatusError({ code: 500, message });
}

/** 404 of a path below a served version that no resource answers to. */
export function unknownResource(): StatusError {
  return new StatusError({
    code: 404,
    reason: 'NotFound',
    message: 'the server could not find the requested resource',
    details: {},
  });
}

export function methodNotAllowed(): StatusError {
  return new StatusError({
    code: 405,
    reason: 'MethodNotAllowed',
    message: 'the server does not allow this method on the requested resource',
    details: {},
  });
}

/** 410 of a watch whose resource version has left the event log. */
export function expired(message: string, continueToken?: string): StatusError {
  return new StatusError({
    code: 410,
    reason: 'Expired',
    message,
    ...(continueToken === undefined ? {} : { continueToken }),
  });
}

export function unsupportedMediaType(message: string, details?: StatusDetails): StatusError {
  return new StatusError({
    code: 415,
    reason: 'UnsupportedMediaType',
    message,
    ...(details === undefined ? {} : { details }),
  });
}

export function notAcceptable(message: string, details?: StatusDetails): StatusError {
  return new StatusError({
    code: 406,
    reason: 'NotAcceptable',
    message,
    ...(details === undefined ? {} : { details }),
  });
}

export function tooLarge(limit: number): StatusError {
  return new StatusError({
    code: 413,
    reason: 'RequestEntityTooLarge',
    message: `Request entity too large: limit is ${limit}`,
    details: {},
  });
}

export function unauthorized(): StatusError {
  return new StatusError({ code: 401, reason: 'Unauthorized', message: 'Unauthorized' });
}
