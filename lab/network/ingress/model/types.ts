import type { Settings } from '../annotations/index.ts';
import type { Ingress } from '../objects.ts';
import type { ConfNode } from '../render/syntax.ts';

/** Something of an Ingress that does not take effect; becomes an event on the object. */
export interface Problem {
  readonly ingress: Ingress;
  readonly reason: string;
  readonly message: string;
}

/** A port of a service that locations lead to. */
export interface BackendRef {
  /** Name of the upstream, e.g. `default-wordpress-frontend-80`. */
  readonly id: string;
  readonly namespace: string;
  readonly service: string;
  /** Number or name, as the Ingress says it. */
  readonly port: string;
  /** The service's own address instead of its endpoints. */
  readonly serviceUpstream: boolean;
}

/** A location of nginx.conf. */
export interface Location {
  /** `` is a prefix of the text. */
  readonly modifier: '' | '=' | '~*';
  /** As nginx is told, without the `^` of a regular expression. */
  readonly path: string;
  /** As the Ingress has it. */
  readonly ingressPath: string;
  /** Undefined: what the controller's default backend answers. */
  readonly ingress: Ingress | undefined;
  readonly backend: BackendRef;
  readonly settings: Settings;
  /** Who gets in; undefined is everybody. */
  readonly auth: Passwords | 'denied' | undefined;
  /** A second backend for a share of the requests, and the Ingress whose annotations say for which. */
  readonly canary:
    | { readonly backend: BackendRef; readonly policy: string; readonly settings: Settings }
    | undefined;
}

/** Whom to ask for a password, and which ones are right. */
export interface Passwords {
  readonly realm: string;
  /** `namespace-name-hash`, as {@link Certificate.id}. */
  readonly id: string;
  /** Lines of `user:hash` (htpasswd). */
  readonly text: string;
}

/** A certificate with its key, checked. */
export interface Certificate {
  /** `namespace-name-hash`: another content is another file, so that old workers keep theirs. */
  readonly id: string;
  readonly pem: string;
}

export interface Server {
  /** `_` serves every host that nobody else does. */
  readonly host: string;
  readonly aliases: readonly string[];
  readonly certificate: Certificate | undefined;
  /** Directives of its own. */
  readonly snippet: readonly ConfNode[];
  readonly locations: readonly Location[];
}

/** The wanted state as far as it is in nginx.conf. */
export interface Model {
  readonly servers: readonly Server[];
  /** Everything that locations lead to, by id. */
  readonly backends: ReadonlyMap<string, BackendRef>;
  readonly problems: readonly Problem[];
  /** Those that this controller serves, oldest first. */
  readonly ingresses: readonly Ingress[];
}
