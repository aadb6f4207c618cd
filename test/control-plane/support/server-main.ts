import { startApiServer } from '../../../lab/control-plane/apiserver/index.ts';
import { KINDS } from '../../../lab/control-plane/kinds/index.ts';

// A server in a process of its own, for tests that kill it and benches that weigh it. Options come as JSON in argv.
const { key, cert, token, dataDir } = JSON.parse(process.argv[2] ?? '{}') as Record<string, string>;
const server = await startApiServer({
  kinds: KINDS,
  key: key ?? '',
  cert: cert ?? '',
  tokens: [{ token: token ?? '', user: 'admin', uid: 'admin', groups: ['system:masters'] }],
  ...(dataDir === undefined ? {} : { dataDir }),
  bindAddress: '127.0.0.1',
  securePort: 0,
});
process.stdout.write(`listening ${server.port}\n`);
process.once('SIGTERM', () => void server.close().then(() => process.exit(0)));
