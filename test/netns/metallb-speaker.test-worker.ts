import { createInterface } from 'node:readline';
import { FakeApi } from '../../lab/api/client/fake.ts';
import { eventRecorder, isNotFound, type KnownResource } from '../../lab/api/client/index.ts';
import * as resources from '../../lab/api/client/resources.ts';
import type { ApiObject } from '../../lab/api/objects/index.ts';
import { goKitLog } from '../../lab/network/metallb/log.ts';
import { Speaker } from '../../lab/network/metallb/speaker/speaker.ts';

/*
 * The real speaker as a process of its own, with an API that the test fills over stdin, one object a line: every speaker can so be given
 * a view of its own. SIGTERM stops it cleanly.
 */
const [node = '', address = '', responderPath = ''] = process.argv.slice(2);
const api = new FakeApi();
const known = Object.values(resources).filter(
  (value): value is KnownResource => typeof value === 'object' && 'plural' in value,
);

async function put(plural: string, object: ApiObject): Promise<void> {
  const ref = known.find((one) => one.plural === plural);
  if (!ref) throw new Error(plural);
  const { name = '', namespace } = object.metadata;
  try {
    const old = await api.get<ApiObject>(ref, name, namespace);
    await api.update(ref, { ...old, ...object, metadata: { ...old.metadata, ...object.metadata } });
  } catch (error) {
    if (!isNotFound(error)) throw error;
    await api.load(ref, object);
  }
}

const log = goKitLog('0.10');
const events = eventRecorder(api, { component: 'metallb-speaker' });
const speaker = new Speaker({ client: api, events, log, release: '0.10', node, address, responderPath });
let tail = Promise.resolve();
createInterface({ input: process.stdin }).on('line', (line) => {
  const { plural, object } = JSON.parse(line) as { plural: string; object: ApiObject };
  tail = tail.then(() => put(plural, object));
});
process.once('SIGTERM', () => void speaker.stop().then(() => process.exit(0)));
await speaker.start();
