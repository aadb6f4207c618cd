import {
  type ApiClient,
  clientFromFile,
  type InformerFactory,
  informerFactory,
} from '../../api/client/index.ts';
import { klog, type Log } from '../../api/klog.ts';
import { type ControllerOptions, readOptions } from './options.ts';
import { serverUp } from './served.ts';

/** What a program that only talks to the API server begins with. */
export interface ProgramParts {
  readonly options: ControllerOptions;
  readonly client: ApiClient;
  readonly informers: InformerFactory;
  readonly log: Log;
}

export interface Program {
  /** Called when the informers have synced. */
  start(): void;
  stop(): Promise<void>;
}

/**
 * Runs kube-controller-manager or kube-scheduler: waits for the API server, fills the informers, starts, and ends on SIGTERM.
 *
 * @param make registers with the informers
 */
export async function runProgram(
  name: string,
  defaultKubeconfig: string,
  make: (parts: ProgramParts) => Program | Promise<Program>,
): Promise<void> {
  const log = klog(name);
  const options = readOptions(process.argv.slice(2), defaultKubeconfig);
  const client = clientFromFile(options.kubeconfig, name);
  let stop = async (): Promise<void> => {};
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      log.info('Shutting down', { signal });
      void stop().then(() => process.exit(0));
    });
  }
  log.info('Starting', { kubeconfig: options.kubeconfig });
  await serverUp(client, (error) => log.info('Waiting for the API server', { err: error }));
  const informers = informerFactory(client, {
    onError: (resource, error) => log.warn('Watching failed, will retry', { resource, err: error }),
  });
  const program = await make({ options, client, informers, log });
  stop = async () => {
    informers.stop();
    await program.stop();
  };
  await informers.synced();
  log.info('Caches are synced');
  program.start();
}
