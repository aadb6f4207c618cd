import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadScenarios } from './load.ts';

const root = resolve(import.meta.dirname, '../../scenarios');
const read = async (file: string) => parse(await readFile(resolve(root, 'services', file), 'utf8'));
const labels = { app: 'guestbook', tier: 'frontend' };

test('the figures of services have a scenario', async () => {
  const services = await loadScenarios(root, ['services']);
  const figures = new Set(services.flatMap((scenario) => scenario.figures));
  const wanted = ['17', '18', '19', '20', '21', '22', '24', '25', '26', '27', '28', '83', '84', '101'];
  expect(wanted.filter((figure) => !figures.has(figure))).toEqual([]);
});

test('Figure 17, in a namespace of its own', async () => {
  expect(await read('labels-deployment.yaml')).toEqual({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'frontend', namespace: 'guestbook' },
    spec: {
      selector: { matchLabels: labels },
      replicas: 3,
      template: {
        metadata: { labels },
        spec: {
          containers: [
            {
              name: 'php-redis',
              image: 'gcr.io/google-samples/gb-frontend:v4',
              ports: [{ containerPort: 80 }],
            },
          ],
        },
      },
    },
  });
});

test('Figure 18, in the same namespace', async () => {
  expect(await read('labels-service.yaml')).toEqual({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'frontend', namespace: 'guestbook', labels },
    spec: { type: 'LoadBalancer', ports: [{ port: 80 }], selector: labels },
  });
});

test("Figure 26, with Figure 27's address", async () => {
  expect(await read('frontend-node-port.yaml')).toEqual({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'frontend', labels },
    spec: {
      type: 'NodePort',
      clusterIP: '10.96.17.201',
      ports: [{ name: 'http', port: 80, targetPort: 80, nodePort: 32222, protocol: 'TCP' }],
      selector: labels,
    },
  });
});
