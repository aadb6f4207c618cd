import { expect, it } from 'vitest';
import { cniKubeconfig } from '../../network/calico/node/index.ts';
import { parseKubeconfig } from './kubeconfig.ts';

const access = { server: 'https://10.1.110.108:6443', token: 't', ca: '-----BEGIN CERTIFICATE-----\n' };

it('reads what calico-node writes', () => {
  expect(parseKubeconfig(cniKubeconfig(access))).toEqual(access);
});

it.each([
  ['clusters: []', /^it is not JSON/],
  ['null', 'it has no clusters[0].cluster.server'],
  ['{"clusters":[]}', 'it has no clusters[0].cluster.server'],
  [cniKubeconfig({ ...access, server: 'here' }), 'it has no clusters[0].cluster.server'],
  ['{"clusters":[{"cluster":{"server":"https://a"}}]}', /certificate-authority-data$/],
  [
    '{"clusters":[{"cluster":{"server":"https://a","certificate-authority-data":""}}],"users":[{}]}',
    'it has no users[0].user.token',
  ],
])('says what is wrong with %s', (text, problem) => {
  expect(parseKubeconfig(text)).toEqual(
    typeof problem === 'string' ? problem : expect.stringMatching(problem),
  );
});
