import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadScenarios } from './load.ts';
import { readPods } from './manifests.ts';

const root = resolve(import.meta.dirname, '../..');
const nodes = ['controlpl1', 'worker1', 'worker2'];
const scenarios = await loadScenarios(resolve(root, 'scenarios'));

test('the figures of the first issue have a scenario', () => {
  const figures = new Set(scenarios.flatMap((scenario) => scenario.figures));
  const wanted = ['7', '8', '9', '10', '12', '13', '14', '15', '16', '77', '110'];
  expect(wanted.filter((figure) => !figures.has(figure))).toEqual([]);
});

describe('each scenario', () => {
  test.each(scenarios.map((scenario) => [scenario.id, scenario] as const))(
    "%s has manifests that can be placed, beside the topology's own pods",
    async (_, scenario) => {
      const own = await Promise.all(
        scenario.pods.map((entry) => {
          const { file, on } = typeof entry === 'string' ? { file: entry, on: undefined } : entry;
          return readPods(resolve(dirname(scenario.file), file), nodes, on);
        }),
      );
      const all = [...own.flat(), ...(await readPods(resolve(root, 'topologies/pods/frontend.yaml'), nodes))];
      const names = all.map(({ namespace, name }) => `${namespace}/${name}`);
      expect(new Set(names).size).toBe(names.length);
      const addresses = all.flatMap(({ yaml }) => {
        const annotations = parse(yaml).metadata.annotations ?? {};
        return JSON.parse(annotations['cni.projectcalico.org/ipAddrs'] ?? '[]');
      });
      expect(new Set(addresses).size).toBe(addresses.length);
    },
  );
});

test("Figure 8's manifest is the figure's, word by word", async () => {
  const pod = parse(await readFile(resolve(root, 'scenarios/containers/shared-volume.yaml'), 'utf8'));
  expect(pod).toEqual({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'two-containers' },
    spec: {
      restartPolicy: 'Never',
      volumes: [{ name: 'shared-data', emptyDir: {} }],
      containers: [
        {
          name: 'nginx-container',
          image: 'nginx',
          volumeMounts: [{ name: 'shared-data', mountPath: '/usr/share/nginx/html' }],
        },
        {
          name: 'debian-container',
          image: 'debian',
          volumeMounts: [{ name: 'shared-data', mountPath: '/pod-data' }],
          command: ['/bin/sh'],
          args: ['-c', 'echo Hello from the debian container > /pod-data/index.html'],
        },
      ],
    },
  });
});
