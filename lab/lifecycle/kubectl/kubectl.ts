import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { type Engine, objectName } from '../../engine/index.ts';
import { EXIT } from '../../errors/index.ts';
import { execAttached } from '../exec.ts';
import type { RunningLab } from '../find-lab.ts';
import { bringImages, imageNames } from '../images/index.ts';
import { interruptible } from '../interrupt.ts';
import { type RewrittenArguments, rewriteArguments } from './arguments.ts';
import { ADMIN_CONF, controlPlane } from './control-plane.ts';
import { carryPorts, localPorts } from './forward.ts';
import { pathKind } from './host-files.ts';
import { commandImages, readsStdin } from './images.ts';
import { noteAfter, noteBefore } from './notes.ts';
import { download, removeFolder, upload } from './transfer.ts';

export interface KubectlRequest {
  /** kubectl's arguments as they were typed. */
  readonly argv: readonly string[];
  /** The host's working directory, absolute. */
  readonly cwd: string;
  /** KUBE_EDITOR or EDITOR: a program of the container, for `edit`. */
  readonly editor?: string | undefined;
  /** Receives notes for the user, a line each. */
  readonly note: (line: string) => void;
}

/**
 * Runs the kubectl of the control-plane node as the lab's administrator, with this process's streams and with the
 * files of the host that its arguments name.
 *
 * @returns kubectl's own exit code
 * @throws HoplabError E_NO_CONTROL_PLANE, E_NOT_RUNNING, E_READ, E_WRITE, E_PORT
 */
export async function kubectlAttached(
  engine: Engine,
  lab: RunningLab,
  request: KubectlRequest,
): Promise<number> {
  const { node, container } = controlPlane(lab);
  const folder = `/tmp/hoplab-kubectl-${randomBytes(4).toString('hex')}`;
  const rewritten = rewriteArguments(request.argv, { cwd: request.cwd, folder }, pathKind);
  const ports = rewritten.command === 'port-forward' ? localPorts(request.argv) : undefined;
  const before = noteBefore(rewritten.command, node.name, ports !== undefined);
  if (before) request.note(before);
  const argv = commandLine(rewritten, rewritten.usesPaths ? folder + request.cwd : '/', request.editor);
  const stdin = readsStdin(request.argv) && !process.stdin.isTTY ? await buffer(process.stdin) : undefined;
  const named = await commandImages(request.argv, rewritten);
  await bringImages(engine, stdin ? [...named, ...imageNames(stdin.toString('utf8'))] : named, request.note);
  const run = async () => {
    const carried = ports && (await carryPorts(engine, objectName(lab.name, node.name), ports, request.note));
    try {
      return await execAttached(engine, lab, {
        target: node.name,
        argv,
        ...(stdin ? { stdin: Readable.from([stdin]) } : {}),
      });
    } finally {
      await carried?.close();
    }
  };
  const code = await (rewritten.usesPaths
    ? withFiles(engine, container.id, folder, request, rewritten, run)
    : run());
  const after = code === 0 ? undefined : noteAfter(rewritten.command, node.name);
  if (after) request.note(after);
  return code;
}

/** env(1) gives kubectl its directory and environment and then is kubectl: signals and the exit code are its own. */
function commandLine(
  { argv }: RewrittenArguments,
  directory: string,
  editor: string | undefined,
): readonly string[] {
  const environment = [
    `KUBECONFIG=${ADMIN_CONF}`,
    ...(editor === undefined ? [] : [`KUBE_EDITOR=${editor}`]),
  ];
  return ['env', '-C', directory, ...environment, 'kubectl', ...argv];
}

/** The folder is there as long as the command runs, also when the user interrupts it. */
async function withFiles(
  engine: Engine,
  container: string,
  folder: string,
  { cwd }: KubectlRequest,
  rewritten: RewrittenArguments,
  run: () => Promise<number>,
): Promise<number> {
  return interruptible(async (signal) => {
    try {
      await upload(engine, container, folder, cwd, rewritten);
      if (signal.aborted) return EXIT.interrupted;
      const code = await run();
      for (const path of rewritten.downloads) await download(engine, container, folder, path);
      return code;
    } finally {
      await removeFolder(engine, container, folder);
    }
  });
}
