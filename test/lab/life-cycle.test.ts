import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectEngine, type Engine, ensureImages, listLab } from '../../lab/engine/index.ts';
import { hoplab, hoplabOk } from '../support/hoplab.ts';
import { changes, hostState } from '../support/host-state.ts';
import { SMALL } from '../support/topologies.ts';

// Containers a lab had before it was converged again: same id means that it was neither replaced nor restarted.
async function startTimes(engine: Engine, lab: string): Promise<Record<string, string>> {
  const { containers } = await listLab(engine, lab);
  const entries = await Promise.all(
    containers.map(async ({ id, name }) => {
      const { State } = await engine.docker.getContainer(id).inspect();
      return [name, `${id} ${State.StartedAt}`] as const;
    }),
  );
  return Object.fromEntries(entries);
}

let engine: Engine;
beforeAll(async () => {
  engine = await connectEngine();
  await hoplab(['down', '-n', 'small']);
});
afterAll(async () => {
  await hoplab(['down', '-n', 'small']);
});

const up = (...more: string[]) => hoplabOk(['up', '-t', SMALL, ...more]);
/** It may be gone already: by another test, or an earlier try. */
const removeClient = () =>
  engine.docker
    .getContainer('hoplab-small-client')
    .remove({ force: true })
    .catch(() => undefined);

describe('a lab', () => {
  it('leaves no trace on the host when it is taken down', async () => {
    await up(); // images and their store are kept, so they must be there before
    await hoplabOk(['down', '-n', 'small']);
    const before = await hostState();
    for (let round = 0; round < 3; round++) {
      await up();
      await hoplabOk(['down', '-n', 'small']);
      expect(changes(before, await hostState(before))).toEqual([]);
    }
  });

  it('comes up with a status that says Ready, and JSON without noise on stdout', async () => {
    const { stdout } = await up('-o', 'json');
    const status = JSON.parse(stdout);
    expect(status.nodes.map((node: { ready: boolean }) => node.ready)).toEqual([true, true]);
    expect(status.nodes.flatMap((node: { sessions: object[] }) => node.sessions)).toHaveLength(2);
  });

  it('is left alone by a second up', async () => {
    const before = await startTimes(engine, 'small');
    const { stderr } = await up();
    expect(stderr).toContain('nothing to do');
    expect(await startTimes(engine, 'small')).toEqual(before);
  });

  it('plans without doing with --dry-run', async () => {
    await removeClient();
    const { stdout } = await up('--dry-run');
    expect(stdout).toBe('create client (it is not there)\n');
    expect(Object.keys(await startTimes(engine, 'small'))).not.toContain('client');
  });

  it('gets back what is missing and keeps the rest', async () => {
    await removeClient();
    const { client: _, ...before } = await startTimes(engine, 'small');
    await up();
    expect(await startTimes(engine, 'small')).toMatchObject(before);
  });

  it('comes back with the same addresses after everything was stopped, as by a restart of the engine', async () => {
    const address = () => hoplabOk(['exec', '-n', 'small', 'worker', '--', 'ip', '-br', '-4', 'addr']);
    // An earlier try has stopped everything.
    await up();
    const before = await address();
    const { containers } = await listLab(engine, 'small');
    await Promise.all(containers.map(({ id }) => engine.docker.getContainer(id).kill()));
    const { stderr } = await up();
    expect(stderr).toContain('start worker');
    expect((await address()).stdout.replaceAll(/@\S+/g, '')).toBe(before.stdout.replaceAll(/@\S+/g, ''));
  });

  it('is finished by the next up and removed by down after a kill at any moment', async () => {
    await hoplabOk(['down', '-n', 'small']);
    const before = await hostState();
    // Moments spread over a whole run; the first of them before anything is made.
    let finish = true;
    for (const moment of ['✓ images', '✓ networks', '✓ router', '✓ worker', 'BGP']) {
      const killed = await hoplab(['up', '-t', SMALL], {
        onStart: (child) => {
          child.stderr?.on('data', (text) => {
            if (String(text).includes(moment)) child.kill('SIGKILL');
          });
        },
      });
      if (moment !== 'BGP') expect(killed.code).not.toBe(0);
      // Every other time `down` has to cope with the half that was made.
      if (finish) await up();
      finish = !finish;
      await hoplabOk(['down', '-n', 'small']);
      expect(changes(before, await hostState(before))).toEqual([]);
    }
  });

  it('says after Ctrl-C how to go on', async () => {
    // An earlier try may have left so much that nothing is to be made.
    await hoplabOk(['down', '-n', 'small']);
    const interrupted = await hoplab(['up', '-t', SMALL], {
      onStart: (child) => {
        child.stderr?.on('data', (text) => {
          if (String(text).includes('✓ networks')) child.kill('SIGINT');
        });
      },
    });
    expect(interrupted.code).toBe(130);
    expect(interrupted.stderr).toContain(
      `npm run lab -- up -t ${SMALL} finishes the lab, npm run lab -- down -n small removes it`,
    );
    await hoplabOk(['down', '-n', 'small']);
  });

  it('says what it restarts when the topology has changed, and leaves the rest alone', async () => {
    await up();
    const before = await startTimes(engine, 'small');
    const folder = await mkdtemp(join(tmpdir(), 'hoplab-test-'));
    const file = join(folder, 'changed.yaml');
    const text = await readFile(SMALL, 'utf8');
    await writeFile(
      file,
      text.replace(
        'client: { network: clients, address: 10.2.0.89 }',
        'client: { network: clients, address: 10.2.0.90 }',
      ),
    );
    expect((await hoplabOk(['up', '-t', file, '--dry-run'])).stdout).toContain(
      'restart client (the topology changed)',
    );
    await hoplabOk(['up', '-t', file]);
    const after = await startTimes(engine, 'small');
    expect(after.client).not.toBe(before.client);
    expect(after.internet).toBe(before.internet);
    await rm(folder, { recursive: true });
    await hoplabOk(['down', '-n', 'small']);
  });

  it('keeps the evidence of a step that fails, and removes what it had made', async () => {
    // What an earlier try has left.
    await hoplabOk(['down', '-n', 'small']);
    const before = await hostState();
    // The engine refuses a second container of a name: somebody else's has the worker's.
    const { node } = await ensureImages(engine, ['node']);
    await engine.docker.createContainer({ name: 'hoplab-small-worker', Image: node.tag });
    try {
      const failed = await hoplab(['up', '-t', SMALL]);
      expect(failed.code).not.toBe(0);
      expect(failed.stderr).toMatch(
        /hoplab-small-worker[\s\S]*state of all nodes: \S+[\s\S]*is removed again/,
      );
    } finally {
      await engine.docker.getContainer('hoplab-small-worker').remove({ force: true });
    }
    expect(changes(before, await hostState(before))).toEqual([]);
  });

  it('goes down twice without complaint', async () => {
    expect((await hoplabOk(['down', '-n', 'small'])).stderr).toContain('nothing to remove');
  });
});
