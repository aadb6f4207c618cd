import { expect, it } from 'vitest';
import { localPorts } from './forward.ts';

it.each([
  ['port-forward svc/web 18080:80', [18080]],
  ['-n shop port-forward pod/web-1 8080', [8080]],
  ['port-forward deployment/web 8080:http', [8080]],
  ['port-forward svc/web 18080:80 18443:443', [18080, 18443]],
  ['port-forward svc/web :80', undefined],
  ['port-forward svc/web 0:80', undefined],
  ['port-forward svc/web', undefined],
])('%s listens on %j', (line, ports) => {
  expect(localPorts(line.split(' '))).toEqual(ports);
});
