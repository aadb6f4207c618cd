import { expect, it, onTestFinished } from 'vitest';
import { TestClient } from './support/client.ts';
import { withDirectory } from './support/server.ts';
import { type ServerProcess, serverProgram, startProcess } from './support/server-process.ts';

const KILLS = 50;
const WRITERS = 16;
const OBJECTS_PER_WRITER = 4;
const PATH = '/api/v1/namespaces/default/configmaps';

/** What a name may hold after the crash: value of `data.v`, or null for "not there". */
type State = string | null;

interface Tracked {
  /** What the server last acknowledged. */
  acknowledged: State;
  /** What a write that got no answer would have made of it. */
  unanswered: State | undefined;
}

/**
 * Writers create, change and delete objects until the server is killed with SIGKILL; after each restart every object
 * must be as its last acknowledged write left it, or as the one write without an answer would have.
 */
it(`loses no acknowledged write in ${KILLS} kills under load`, { timeout: 300_000 }, async () => {
  const program = await serverProgram();
  let running: ServerProcess | undefined;
  onTestFinished(() => running?.kill());
  await withDirectory(async (directory) => {
    const objects = new Map<string, Tracked>();
    let highest = 0;
    let acknowledged = 0;
    for (let kill = 0; kill <= KILLS; kill++) {
      const server = await startProcess(program, directory);
      running = server;
      const client = new TestClient(server.url);
      const list = await client.get(PATH);
      expect(list.code).toBe(200);
      // Versions only go up: one given out again would make a client miss an event.
      expect(Number(list.json.metadata.resourceVersion)).toBeGreaterThanOrEqual(highest);
      compare(objects, list.json.items);
      if (kill === KILLS) {
        await server.kill();
        client.close();
        break;
      }
      let down = false;
      // Killed after some answer, whichever it is, with the other writers' requests under way.
      let left = WRITERS + 1 + Math.floor(Math.random() * 64);
      let strike = (): void => undefined;
      const struck = new Promise<void>((resolve) => {
        strike = resolve;
      });
      const writers = Array.from({ length: WRITERS }, async (_, writer) => {
        while (!down) {
          const name = `w${writer}-${Math.floor(Math.random() * OBJECTS_PER_WRITER)}`;
          const revision = await writeOnce(client, name, objects).catch(() => undefined);
          if (revision === undefined) return;
          highest = Math.max(highest, revision);
          acknowledged++;
          if (--left === 0) strike();
        }
      });
      await Promise.race([struck, Promise.all(writers)]);
      await server.kill();
      down = true;
      await Promise.all(writers);
      client.close();
    }
    // The test means nothing if the server was killed before it had anything to lose.
    expect(acknowledged).toBeGreaterThan(KILLS * WRITERS);
  });
});

/** One write of a random kind. @returns the revision acknowledged @throws when there was no answer */
async function writeOnce(client: TestClient, name: string, objects: Map<string, Tracked>): Promise<number> {
  const tracked = objects.get(name) ?? { acknowledged: null, unanswered: undefined };
  objects.set(name, tracked);
  const value = Math.random().toString(36).slice(2);
  const isThere = tracked.acknowledged !== null;
  const goes = isThere && Math.random() < 0.3;
  const wanted: State = goes ? null : value;
  tracked.unanswered = wanted;
  const object = { metadata: { name }, data: { v: value } };
  const reply = goes
    ? await client.send('DELETE', `${PATH}/${name}`)
    : isThere
      ? await client.send('PUT', `${PATH}/${name}`, { body: object })
      : await client.post(PATH, object);
  if (reply.code !== 200 && reply.code !== 201) {
    throw new Error(`${name}: ${reply.code} ${reply.text}`);
  }
  tracked.acknowledged = wanted;
  tracked.unanswered = undefined;
  return Number(reply.json.metadata.resourceVersion ?? 0);
}

function compare(
  objects: Map<string, Tracked>,
  items: { metadata: { name: string }; data: { v: string } }[],
): void {
  const found = new Map(items.map(({ metadata, data }) => [metadata.name, data.v]));
  const wrong: string[] = [];
  for (const [name, tracked] of objects) {
    const actual = found.get(name) ?? null;
    found.delete(name);
    const allowed =
      tracked.unanswered === undefined ? [tracked.acknowledged] : [tracked.acknowledged, tracked.unanswered];
    if (!allowed.includes(actual)) wrong.push(`${name}: ${actual} instead of ${allowed.join(' or ')}`);
    tracked.acknowledged = actual;
    tracked.unanswered = undefined;
  }
  expect(wrong).toEqual([]);
  expect([...found.keys()]).toEqual([]);
}
