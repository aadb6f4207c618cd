/** Recorded requests that are not replayed, and why. A rule that matches no vector any more fails the test. */
export interface LeftOut {
  readonly names: RegExp;
  readonly reason: string;
}

export const LEFT_OUT: readonly LeftOut[] = [
  {
    names: /^(after|revision-history|ep)-/,
    reason: 'state made by controllers over time, which do not run here',
  },
  {
    names:
      /^(table-(statefulsets|jobs|horizontalpodautoscalers)|scale-statefulset|err-(job|cronjob|hpa|pdb|rolebinding)-.*|dryrun-defaults-job|warn-componentstatus|err-method-put-componentstatus|err-forbidden-delete-system-pc)$/,
    reason:
      'kinds that are not served (StatefulSet, Job, CronJob, HorizontalPodAutoscaler, PodDisruptionBudget, RoleBinding, ComponentStatus, PriorityClass)',
  },
  {
    names: /^err-forbidden-(quota|limitrange)/,
    reason: 'ResourceQuota and LimitRange are not served',
  },
  {
    names:
      /^(err-anonymous|err-bad-auth-scheme|err-forbidden-create|allowed-viewer|err-forbidden-nonresource|err-impersonate)/,
    reason:
      'no anonymous access and no RBAC: every token may do everything, nobody without one may do anything',
  },
  { names: /^(err-)?apply-/, reason: 'server-side apply answers 415' },
  {
    names: /^(http-discovery-aggregated|http-get-apis?$|http-get-api-v1$|http-get-apis-apps-v1$)/,
    reason: 'discovery lists what is served, which is less than a real server has',
  },
  {
    names:
      /^(list-bad-watch|list-svc-selector-notin|list-bad-fieldselector-svc-type|watch-legacy-list|watch-limit-ignored|scale-table)$/,
    reason:
      'lists what earlier groups left behind, among it objects of server-side apply and dual-stack services',
  },
  {
    names: /^(err-pod-update-forbidden-field|err-pod-change-nodename)$/,
    reason: "the message ends with go-cmp's print of Go structs, which promises no stable form",
  },
  {
    names: /^err-patch-unknown-field-strict$/,
    reason: 'the message quotes the whole object with managedFields, which are not kept',
  },
  {
    names: /^err-ing-v1beta1$/,
    reason: 'networking.k8s.io/v1beta1 is served here, as the old manifests want',
  },
];

/** Recorded kubectl commands that are not run, and why. */
export const KUBECTL_LEFT_OUT: readonly LeftOut[] = [
  {
    names:
      /^(get|describe)-(statefulsets|jobs|cronjobs?|horizontalpodautoscalers|poddisruptionbudgets|pdb|resourcequotas|limit(range)?s|roles?|rolebindings?|replicationcontrollers|podtemplates|priorityclasses|componentstatuses|clusterroles|csidrivers|csinodes|certificatesigningrequests|mutatingwebhookconfigurations|validatingadmissionpolicies|apiservices|flowschemas|prioritylevelconfigurations|sts)(-|$)/,
    reason: 'kinds that are not served',
  },
  {
    names:
      /^(get-all-wide|describe-ns-.*|describe-f|k120-get-(all|hpa|componentstatuses)|k120-describe-cronjob-backup)$/,
    reason:
      'shows kinds that are not served (StatefulSet, Job, CronJob, HorizontalPodAutoscaler, ResourceQuota, LimitRange, ComponentStatus)',
  },
  {
    names: /^raw-apis-(autoscaling-v[12]|policy-v1|rbac.authorization.k8s.io-v1)$/,
    reason: 'groups whose kinds are not served',
  },
  {
    names:
      /^(info-(version.*|api-versions|api-resources.*)|k120-(version-short|get-raw-version|api-versions|api-resources)|raw-version)$/,
    reason: 'version and resources are ours',
  },
  {
    names:
      /^raw-(apis|apis-networking.k8s.io|apis-storage.k8s.io-v1|apis-authorization.k8s.io-v1|openapi-v3)$/,
    reason:
      'what is served is more (networking.k8s.io/v1beta1 of the old manifests) or less (CSIDriver, LocalSubjectAccessReview …) than a real server has',
  },
  {
    names: /^raw-readyz-verbose$/,
    reason: 'names the parts of the server, which are not those of kube-apiserver',
  },
  {
    names: /^info-(config-.*|can-i-list-viewer|viewer-context|get-forbidden-nodes)$/,
    reason: "the recording's kubeconfig with its second user; there is no RBAC",
  },
  { names: /^get-svc-yaml-managed$/, reason: 'managedFields are not kept' },
  {
    names:
      /^(k120-describe-(svc-frontend|svc-frontend-lb|deploy-frontend)|k1319-describe-svc-(legacy-api|n-team-a-solo))$/,
    reason:
      'printed by another kubectl (1.20.2, 1.31.9) in other words or with other endpoints than 1.32 prints of the same objects, which are compared',
  },
];

/** Recorded kubectl commands that are run for what they do, but whose output is not compared, and why. */
export const CHANGING_LEFT_OUT: readonly LeftOut[] = [
  {
    names: /^(apply-01-cluster|apply-15-headless|apply-20-others|v-create-quota|v-autoscale)$/,
    reason:
      'makes kinds that are not served (PriorityClass, StatefulSet, HorizontalPodAutoscaler, LimitRange, ResourceQuota, Role …)',
  },
  { names: /^v-apply-ssa-/, reason: 'server-side apply answers 415' },
  { names: /^v-apply-old-ingress$/, reason: 'extensions/v1beta1 is served here, as the old manifests want' },
  {
    names: /^(v-get-after|v-get-after-orphan|v-label-all|v-rollout-status)$/,
    reason:
      'shows pods and Jobs as they happened to start and to end in that second; the tables are compared in kubectl.test.ts',
  },
  {
    names: /^v-describe-(deploy-after|node-tainted)$/,
    reason:
      'shows events, times and pods of this one run; describe of every kind is compared in kubectl.test.ts',
  },
];

/** What else was recorded and is not replayed here, and why. */
export const OTHERS_LEFT_OUT: readonly LeftOut[] = [
  {
    names:
      /^(after-.*|stuck-.*|revision-history-limit-history|template-hash-get-rs|ep-(named|headless-noports|misc|105)-.*)$/,
    reason:
      'printed in the middle of a sequence; the objects of the sequences are compared in lab/control-plane/controllers',
  },
  { names: /^job-describe$/, reason: 'Jobs are not served' },
  {
    names: /^seq-/,
    reason: 'compared in lab/control-plane/controllers, whose test checks that none is missing',
  },
  {
    names: /^kubectl-watch-cm$/,
    reason: 'a watch that was ended by hand; its events are compared as watch-table-* and watch-*',
  },
  {
    names: /^get-svc-after-restart$/,
    reason: 'the server was restarted before it: crash.test.ts compares what is there after 50 restarts',
  },
  {
    names: /^apply-errs-fixtures$/,
    reason:
      'replay.test.ts applies the same objects over HTTP, as what the other requests of these groups start from',
  },
];
