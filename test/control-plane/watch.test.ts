import { expect, it, onTestFailed } from 'vitest';
import { startTestServer, withDirectory } from './support/server.ts';

const WATCHERS = 20;
const WRITES = 5000;
const WRITERS = 32;
const PATH = '/api/v1/namespaces/default/configmaps';

interface Seen {
  readonly type: string;
  readonly object: { metadata: { name: string; resourceVersion: string }; data?: { v: string } };
}

it(
  `${WATCHERS} watchers see ${WRITES} random writes: none lost, doubled or out of order`,
  { timeout: 120_000 },
  () =>
    withDirectory(async (dataDir) => {
      const server = await startTestServer({ dataDir });
      onTestFailed(() => server.close());
      const { json: list } = await server.client.get(PATH);
      const from = list.metadata.resourceVersion as string;
      // Half watch from now on, half begin in the middle and have to catch up from the log.
      const streams: Seen[][] = [];
      let finished = 0;
      let allDone = (): void => undefined;
      const done = new Promise<void>((resolve) => {
        allDone = resolve;
      });
      const open = () => {
        const seen: Seen[] = [];
        streams.push(seen);
        return server.client.watch(`${PATH}?watch=1&resourceVersion=${from}`, (event: Seen) => {
          seen.push(event);
          if (event.object.metadata.name === 'last' && event.type === 'ADDED' && ++finished === WATCHERS)
            allDone();
        });
      };
      const watches = Array.from({ length: WATCHERS / 2 }, open);
      await Promise.all(watches.map(({ started }) => started));

      const acknowledged: number[] = [];
      let writes = 0;
      const write = async (writer: number): Promise<void> => {
        const mine = new Set<string>();
        while (writes < WRITES) {
          const number = ++writes;
          if (number === 1000) watches.push(...Array.from({ length: WATCHERS / 2 }, open));
          const name = `o${writer}-${Math.floor(Math.random() * 5)}`;
          const body = { metadata: { name }, data: { v: String(number) } };
          const goes = mine.has(name) && Math.random() < 0.3;
          const reply = goes
            ? await server.client.send('DELETE', `${PATH}/${name}`)
            : mine.has(name)
              ? await server.client.send('PUT', `${PATH}/${name}`, { body })
              : await server.client.post(PATH, body);
          expect(reply.code).toBeLessThan(300);
          if (goes) mine.delete(name);
          else {
            mine.add(name);
            acknowledged.push(Number(reply.json.metadata.resourceVersion));
          }
        }
      };
      await Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)));
      await server.client.post(PATH, { metadata: { name: 'last' } });
      await done;
      for (const { stop } of watches) stop();

      const [first = []] = streams;
      const line = ({ type, object: { metadata, data } }: Seen): string =>
        `${metadata.resourceVersion} ${type} ${metadata.name} ${data?.v}`;
      for (const seen of streams) {
        const revisions = seen.map(({ object }) => Number(object.metadata.resourceVersion));
        expect(
          revisions.every((revision, index) => index === 0 || revision > (revisions[index - 1] ?? 0)),
        ).toBe(true);
        expect(seen.map(line)).toEqual(first.map(line));
      }
      const present = new Set(first.map(({ object }) => Number(object.metadata.resourceVersion)));
      expect(acknowledged.filter((revision) => !present.has(revision))).toEqual([]);
      expect(first.length).toBe(writes + 1);
      // What the events add up to is what is there.
      const state = new Map<string, string>();
      for (const { type, object } of first) {
        if (type === 'DELETED') state.delete(object.metadata.name);
        else state.set(object.metadata.name, object.metadata.resourceVersion);
      }
      const { json: end } = await server.client.get(PATH);
      const there = end.items.map((item: Seen['object']) => [
        item.metadata.name,
        item.metadata.resourceVersion,
      ]);
      expect(new Map(there)).toEqual(state);
      expect(server.problems).toEqual([]);
      await server.close();
    }),
);

it('drops a watcher that does not read, and goes on serving the others', { timeout: 60_000 }, async () => {
  const server = await startTestServer();
  onTestFailed(() => server.close());
  const { connect } = await import('node:tls');
  const socket = connect({ host: '127.0.0.1', port: server.api.port, rejectUnauthorized: false });
  await new Promise((resolve) => socket.once('secureConnect', resolve));
  socket.on('error', () => undefined);
  socket.write(`GET ${PATH}?watch=1 HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer admin-token\r\n\r\n`);
  await new Promise((resolve) => socket.once('data', resolve));
  socket.pause();
  const big = 'x'.repeat(900_000);
  const dropped = async () =>
    (await server.client.get('/metrics')).text.includes('terminated_watchers_total 1');
  for (let index = 0; index < 60 && !(await dropped()); index++) {
    const reply = await server.client.post(PATH, { metadata: { name: `big-${index}` }, data: { big } });
    expect(reply.code).toBe(201);
  }
  expect(await dropped()).toBe(true);
  socket.destroy();
  await server.close();
});
