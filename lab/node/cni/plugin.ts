import { DatastoreError, UnavailableError } from '../../network/calico/datastore/index.ts';
import { IpamError, type IpamErrorCode } from '../../network/calico/ipam/index.ts';
import { add, check, del } from './commands.ts';
import { CNI_ERROR, CniError } from './errors.ts';
import { logRequest } from './log.ts';
import { parseRequest, type Request } from './request.ts';
import { renderError, renderVersion } from './result.ts';
import { LATEST_VERSION, SUPPORTED_VERSIONS } from './versions.ts';

export interface PluginOutput {
  readonly stdout: string;
  readonly exitCode: 0 | 1;
}

/** One call of the plugin: environment and standard input in, standard output and exit code out. */
export async function runPlugin(
  env: Readonly<Record<string, string | undefined>>,
  stdin: string,
): Promise<PluginOutput> {
  const began = new Date();
  let request: Request | undefined;
  try {
    request = parseRequest(env, stdin);
    const stdout = await perform(request, began);
    logRequest(request, began, stdout);
    return { stdout, exitCode: 0 };
  } catch (error) {
    const cniError = asCniError(error);
    if (request) logRequest(request, began, `${cniError.message}\n${cniError.details}`);
    const version = request && 'config' in request ? request.config.cniVersion : LATEST_VERSION;
    return { stdout: renderError(version, cniError), exitCode: 1 };
  }
}

async function perform(request: Request, now: Date): Promise<string> {
  switch (request.command) {
    case 'ADD':
      return add(request, now);
    case 'DEL':
      await del(request);
      return '';
    case 'CHECK':
      await check(request);
      return '';
    case 'VERSION':
      return renderVersion(request.cniVersion, SUPPORTED_VERSIONS);
  }
}

const IPAM_CODES: Record<IpamErrorCode, number> = {
  exhausted: CNI_ERROR.addressesExhausted,
  taken: CNI_ERROR.addressTaken,
  'outside-pool': CNI_ERROR.addressOutsidePool,
  'not-affine': CNI_ERROR.addressOutsidePool,
  'pinned-block-held': CNI_ERROR.tryAgainLater,
  contention: CNI_ERROR.tryAgainLater,
};

function asCniError(error: unknown): CniError {
  if (error instanceof CniError) return error;
  if (error instanceof IpamError) return new CniError(IPAM_CODES[error.code], error.message);
  if (error instanceof UnavailableError) return new CniError(CNI_ERROR.tryAgainLater, error.message);
  if (error instanceof DatastoreError) return new CniError(CNI_ERROR.datastore, error.message);
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  return new CniError(CNI_ERROR.internal, `the plugin failed: ${String(error)}`, stack);
}
