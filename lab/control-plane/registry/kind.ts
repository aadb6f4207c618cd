import type { OwnerReference } from '../../api/objects/index.ts';

export type { OwnerReference };

/** The whole of a Kubernetes object as the API server handles it: generic, one path for every kind. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  [field: string]: unknown;
}

export interface ObjectMeta {
  name: string;
  namespace?: string;
  generateName?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  ownerReferences?: OwnerReference[];
  managedFields?: unknown[];
  [field: string]: unknown;
}

/** A cause of a 422, in the words of apimachinery's field.Error. */
export interface FieldError {
  /** e.g. `FieldValueRequired`, `FieldValueInvalid`, `FieldValueDuplicate`, `FieldValueNotSupported`. */
  readonly reason: string;
  /** e.g. `spec.ports[1].name`. */
  readonly field: string;
  /** e.g. `Duplicate value: "a"`; the Status message is `field: message`, joined. */
  readonly message: string;
}

/**
 * Structure of a kind, generated from the published OpenAPI types: what strict validation, strategic merge patch,
 * `/openapi` and `kubectl explain` need.
 */
export type Schema =
  | {
      readonly type: 'object';
      readonly description?: string;
      readonly properties?: Readonly<Record<string, Schema>>;
      readonly additional?: Schema;
      readonly required?: readonly string[];
      readonly ref?: string;
    }
  | {
      readonly type: 'array';
      readonly description?: string;
      readonly items: Schema;
      readonly patchMergeKey?: string;
      readonly patchStrategy?: string;
      readonly listType?: 'atomic' | 'set' | 'map';
      readonly listMapKeys?: readonly string[];
    }
  | {
      readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'int-or-string' | 'quantity' | 'any';
      readonly description?: string;
      readonly format?: string;
      readonly enum?: readonly string[];
    };

/** What defaulting, validation and allocation may ask the server. All reads are of the committed state. */
export interface KindContext {
  readonly now: string;
  readonly serviceCIDR: string;
  readonly podCIDR: string;
  readonly nodePortRange: readonly [number, number];
  get(resource: string, namespace: string | undefined, name: string): KubeObject | undefined;
  list(resource: string, namespace?: string): readonly KubeObject[];
  /** Deterministic in tests. */
  random(): number;
}

export interface TableColumn {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'date' | 'boolean';
  readonly format?: string;
  readonly description: string;
  /** 0: always shown; 1: with -o wide. */
  readonly priority: 0 | 1;
}

/** One row of the table of kinds. `resource` (plural.group, or plural for core) is its key everywhere. */
export interface Kind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly namespaced: boolean;
  readonly verbs?: readonly string[];
  readonly subresources: readonly (
    | 'status'
    | 'scale'
    | 'log'
    | 'exec'
    | 'attach'
    | 'portforward'
    | 'eviction'
    | 'binding'
    | 'finalize'
    | 'token'
  )[];
  readonly schema: Schema;
  /** Older versions answered from the same store, with the deprecation warning a real server sends. */
  readonly alsoServed?: readonly {
    readonly group: string;
    readonly version: string;
    readonly warning?: string;
    readonly schema: Schema;
    toStorage(object: KubeObject): KubeObject;
    fromStorage(object: KubeObject): KubeObject;
  }[];
  /** Fills in what a real server fills in; changes the object. */
  defaults?(object: KubeObject): void;
  /** Before a create is validated: drops what a client may not set (status), sets generation, allocates (clusterIP, nodePort). Throws StatusError for what cannot be allocated (422: the real server, too, allocates before it validates). Reads the committed state, so no other create or update of the kind may come between this and the commit. */
  prepareForCreate?(object: KubeObject, context: KindContext): void;
  prepareForUpdate?(object: KubeObject, old: KubeObject, context: KindContext): void;
  validate?(object: KubeObject, context: KindContext): readonly FieldError[];
  validateUpdate?(object: KubeObject, old: KubeObject, context: KindContext): readonly FieldError[];
  /**
   * An update through /status. The server has already put back everything but the status (and labels and annotations); a field of
   * the status that clients may not change is put back here.
   */
  prepareForStatusUpdate?(object: KubeObject, old: KubeObject, context: KindContext): void;
  validateStatusUpdate?(object: KubeObject, old: KubeObject, context: KindContext): readonly FieldError[];
  /** Last of all, after validation: takes out what is not stored, as empty lists of Go's types. Changes the object. */
  prepareForStorage?(object: KubeObject): void;
  /** Whether an update must name the resourceVersion it is based on (AllowUnconditionalUpdate of a strategy is false). */
  readonly conditionalUpdate?: boolean;
  /** `Warning:` headers for a create or update. */
  warnings?(object: KubeObject): readonly string[];
  /** Default of `kubectl delete --cascade`; all kinds of ours: background. */
  readonly gracePeriodSeconds?: (object: KubeObject) => number;
  /** Fields usable in fieldSelector besides metadata.name and metadata.namespace. */
  fieldSelectors?(object: KubeObject): Readonly<Record<string, string>>;
  /**
   * A read-only kind without objects of its own: each is derived from one of another kind (undefined: that one has none), keeps its
   * namespace and resourceVersion, and is found by deriving all. Its verbs are get, list and watch.
   */
  readonly view?: {
    /** Store key of the other kind, e.g. `pods`. */
    readonly of: string;
    derive(object: KubeObject): KubeObject | undefined;
  };
  readonly columns: readonly TableColumn[];
  row(object: KubeObject, now: Date): readonly (string | number | boolean | null)[];
}
