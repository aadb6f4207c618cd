const server = 'the server does it, before or after the kind: test/control-plane replays it';
const diff =
  "the answer quotes Go's cmp.Diff of internal types; validation-update.test.ts checks the sentence before it";

/** Vectors that ask something of a served kind and are not replayed against the table of kinds, and why. */
export const leftOut: Readonly<Record<string, string>> = {
  'apply-again-same': server,
  'apply-remove-owned': server,
  'create-generatename': server,
  'create-yaml-body': server,
  'err-dryrun-bad': server,
  'err-patch-unknown-field-strict': server,
  'fv-ignore': server,
  'remove-finalizer': server,
  'err-pod-change-nodename': diff,
  'err-pod-update-forbidden-field': diff,
};

/** Recorded tables that cannot be printed from the recorded objects, and why. */
export const tablesLeftOut: Readonly<Record<string, string>> = {
  'get-events':
    'events of the autoscaler had gone or come between the table and the dump of the objects; table-events is checked',
  'get-events-all-ns': 'as get-events',
};
