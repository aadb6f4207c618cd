import { CNI_VERSION } from '../../api/cni.ts';

/** Versions of the CNI specification that the plugin speaks. */
export const SUPPORTED_VERSIONS: readonly string[] = ['0.3.0', '0.3.1', '0.4.0', CNI_VERSION];
export const LATEST_VERSION = CNI_VERSION;
