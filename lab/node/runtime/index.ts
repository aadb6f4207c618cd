/** The container runtime of a node: OCI containers by crun under conmon, images, namespaces, CNI. */
export { ATTACH_PROGRAM, attachSocket, resizeTerminal } from './attach.ts';
export { boundingSet, containerCapabilities } from './capabilities.ts';
export { CniConfigError, chooseConfigFile, type NetworkList, parseNetworkList } from './cni/config.ts';
export { openPodNetwork, type PodNetwork } from './cni/network.ts';
export { type Attachment, CniError, type PortMapping, resultIPv4 } from './cni/request.ts';
export { CommandError, pasteable, run, tryRun } from './command.ts';
export { conmonCreate } from './conmon.ts';
export { type CriLine, parseCriLine, renderCriLine, renderCriLog, tailLines } from './cri-log.ts';
export { type CrunContainer, crunDelete, crunKill, crunList, crunStart, sealCrun } from './crun.ts';
export { asUserOf, type ExecTarget, execArgs, execCommand } from './exec.ts';
export { type ExitWatch, watchExits } from './exits.ts';
export { expand } from './expansion.ts';
export { readOptional, writeAtomic } from './files.ts';
export { familiarRef, isNodeImage } from './image-ref.ts';
export { type Image, type ImageConfig, type ImageStore, openImageStore } from './image-store.ts';
export { createNetns, deleteNetns, isMountPoint, mountsBelow } from './netns.ts';
export { bind, type OciMount, type OciNamespace, ociSpec } from './oci-spec.ts';
export {
  conmonSocketsDir,
  DEFAULT_PATHS,
  exitsDir,
  type NodePaths,
  podDir,
  podLogDir,
  podsDir,
} from './paths.ts';
export * from './pod.ts';
export { ContainerConfigError, processArgs, processEnv } from './process-args.ts';
export { removeTree } from './remove-tree.ts';
export { mountRootfs, removeRootfs } from './rootfs.ts';
export { type ProcessUser, resolveUser } from './user.ts';
