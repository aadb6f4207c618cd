import { randomBytes } from 'node:crypto';
import { vethName } from '../../api/veth.ts';
import { podHandle } from '../../network/calico/ipam/index.ts';
import { annotatePod } from './annotate-pod.ts';
import { openApi, openIpam } from './api.ts';
import type { ApiCalls } from './api-calls.ts';
import { observe } from './check.ts';
import { checkProblems } from './check-problems.ts';
import { CNI_ERROR, CniError } from './errors.ts';
import { logProblem } from './log.ts';
import { checkNetns, isNetns } from './netns.ts';
import type { AttachmentRequest } from './request.ts';
import { type Attachment, renderResult } from './result.ts';
import { steer } from './steer.ts';
import { assignPinned } from './take-over.ts';
import { inTurn } from './turns.ts';
import { hostRouteExists, removeHostInterface, unwire, wire } from './wire.ts';
import { HOST_MAC, podMac } from './wiring.ts';

type WithNetns = AttachmentRequest & { readonly netns: string };

/** Gives a pod an address and an interface; both or neither. @returns the JSON of the result */
export async function add(request: WithNetns, now: Date): Promise<string> {
  checkNetns(request.netns);
  const { config, pod } = request;
  const client = openApi(config);
  const ipam = openIpam(client, config);
  const handle = handleOf(request);
  const hostInterface = hostInterfaceOf(request);
  // A second ADD must fail before there is anything that its roll-back would take from the first.
  const [held] = await ipam.addressesByHandle(handle);
  if (held) {
    throw new CniError(
      CNI_ERROR.alreadyAttached,
      `container ${request.containerID} already has address ${held.address}; DEL comes before another ADD`,
    );
  }
  const owner = {
    handle,
    attributes: {
      ...(pod && { namespace: pod.namespace, pod: pod.name }),
      node: config.nodeName,
      timestamp: now.toISOString(),
    },
  };
  try {
    const pinned = config.pinnedAddress;
    const { address } = await inTurn(() =>
      pinned === undefined
        ? ipam.autoAssign(config.nodeName, owner)
        : assignPinned(ipam, { ...request, pinned, hostInterface, owner }),
    );
    const made: Attachment = {
      hostInterface,
      hostMac: HOST_MAC,
      podInterface: request.ifName,
      podMac: podMac(randomBytes(6)),
      netns: request.netns,
      address,
    };
    wire(made, config.mtu);
    await finish(client, request, made);
    return renderResult(config.cniVersion, made);
  } catch (error) {
    // Where the API has gone away meanwhile, the runtime's DEL of this container gives the address back.
    await ipam.releaseByHandle(handle).catch(() => {});
    throw error;
  }
}

/** What a pod has use of but can do without. The API answers while the kernel is told. */
async function finish(client: ApiCalls, request: WithNetns, made: Attachment): Promise<void> {
  const { config, pod, containerID } = request;
  const annotated = pod && annotatePod(client, pod, { address: made.address, containerID });
  await new Promise(setImmediate); // The request goes out; what follows holds the process up.
  if (config.rpsCpus !== undefined) steer(made, config.rpsCpus);
  const problem = await annotated;
  if (problem !== undefined) logProblem(request, problem);
}

/**
 * Takes a pod's interface and addresses away. Succeeds when they, or the namespace, are gone already. The interface
 * goes first: once the address is free another pod may get it.
 */
export async function del(
  request: AttachmentRequest & { readonly netns: string | undefined },
): Promise<void> {
  const ipam = openIpam(openApi(request.config), request.config);
  const handle = handleOf(request);
  if (request.netns !== undefined && isNetns(request.netns)) {
    unwire(request.netns, request.ifName);
  } else {
    // The namespace has no name any more but may live on in a process. The host end is this container's only if its
    // route leads to this container's address: a new sandbox of the same pod has the same interface name.
    const host = hostInterfaceOf(request);
    const addresses = await ipam.addressesByHandle(handle);
    if (addresses.some(({ address }) => hostRouteExists(address, host))) removeHostInterface(host);
  }
  await inTurn(() => ipam.releaseByHandle(handle));
}

/** Compares a pod's wiring with what ADD said. @throws {CniError} listing every difference */
export async function check(request: WithNetns): Promise<void> {
  checkNetns(request.netns);
  const { prevResult } = request.config;
  if (!prevResult)
    throw new CniError(CNI_ERROR.invalidConfig, 'CHECK needs prevResult in the network configuration');
  const ipam = openIpam(openApi(request.config), request.config);
  const held = await ipam.addressesByHandle(handleOf(request));
  const wanted = {
    hostInterface: hostInterfaceOf(request),
    podInterface: request.ifName,
    netns: request.netns,
    mtu: request.config.mtu,
    held: held.map(({ address }) => address),
  };
  const problems = checkProblems(wanted, prevResult, observe(wanted));
  if (problems.length > 0) {
    throw new CniError(
      CNI_ERROR.checkFailed,
      `the network is not as it was made: ${problems[0]}`,
      problems.join('\n'),
    );
  }
}

function handleOf({ config, containerID }: AttachmentRequest): string {
  return podHandle(config.name, containerID);
}

/** Without a pod (another orchestrator) Calico names the interface after the container. */
function hostInterfaceOf({ pod, containerID }: AttachmentRequest): string {
  return pod ? vethName(pod.namespace, pod.name) : `cali${containerID.slice(0, 11)}`;
}
