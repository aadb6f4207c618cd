/*
 * What calico-node, which writes a node's network configuration, and the programs that read it must agree on.
 */

/** Where calico-node puts the configuration list; the runtime takes the first file of the directory. */
export const CNI_CONF_PATH = '/etc/cni/net.d/10-calico.conflist';

/**
 * The plugin's way to the API: a kubeconfig in JSON, which is YAML too. Calico's install-cni puts it at the same place
 * and for the same reason: an executable that the runtime starts has no service account of its own.
 */
export const CALICO_KUBECONFIG_PATH = '/etc/cni/net.d/calico-kubeconfig';

/** Capability under which containerd and CRI-O hand a pod's annotations to plugins. */
export const POD_ANNOTATIONS_CAPABILITY = 'io.kubernetes.cri.pod-annotations';

/** The latest version of the CNI specification that the lab's plugin speaks. */
export const CNI_VERSION = '1.0.0';
