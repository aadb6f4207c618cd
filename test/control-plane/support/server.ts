import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type ApiServer,
  type ApiServerOptions,
  startApiServer,
} from '../../../lab/control-plane/apiserver/index.ts';
import { memoryEngine } from '../../../lab/control-plane/store/index.ts';
import { selfSigned } from './certificate.ts';
import { ADMIN_TOKEN, TestClient } from './client.ts';
import { SMALL_KINDS } from './small-kinds.ts';

export interface TestServer {
  readonly api: ApiServer;
  readonly client: TestClient;
  /** Lines the server logged, warnings and errors only. */
  readonly problems: string[];
  close(): Promise<void>;
}

/** Starts a server on a free port, in memory unless told otherwise. */
export async function startTestServer(options: Partial<ApiServerOptions> = {}): Promise<TestServer> {
  const problems: string[] = [];
  const api = await startApiServer({
    kinds: SMALL_KINDS,
    ...selfSigned(),
    tokens: [
      {
        token: ADMIN_TOKEN,
        user: 'kubernetes-admin',
        uid: 'kubernetes-admin',
        groups: ['kubeadm:cluster-admins', 'system:masters'],
      },
    ],
    ...(options.dataDir === undefined ? { engine: memoryEngine() } : {}),
    bindAddress: '127.0.0.1',
    securePort: 0,
    log: (severity, message) => {
      if (severity !== 'I') problems.push(message);
    },
    ...options,
  });
  const client = new TestClient(api.url);
  return {
    api,
    client,
    problems,
    async close() {
      client.close();
      await api.close();
    },
  };
}

/** A directory that is gone when the callback is done. */
export async function withDirectory<T>(use: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'hoplab-apiserver-'));
  try {
    return await use(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
