import { expect, test } from 'vitest';
import { complaint } from '../nginx/index.ts';
import { readConfigMap } from './config-map.ts';
import { Metrics } from './metrics.ts';
import { readOptions } from './options.ts';

test('the command line of the white paper’s cluster', () => {
  const options = readOptions(
    [
      '/nginx-ingress-controller',
      '--publish-service=$(POD_NAMESPACE)/essential-nginx-ingress-ingress-nginx-controller',
      '--default-backend-service=iks/essential-nginx-ingress-ingress-nginx-defaultbackend',
      '--election-id=ingress-controller-leader',
      '--ingress-class=nginx',
      '--configmap=iks/essential-nginx-ingress-ingress-nginx-controller',
      '--watch-ingress-without-class',
    ],
    { POD_NAME: 'controller-7ndcw', POD_NAMESPACE: 'iks' },
  );
  expect(options).toMatchObject({
    publishService: { namespace: 'iks', name: 'essential-nginx-ingress-ingress-nginx-controller' },
    configMap: { namespace: 'iks' },
    watchWithoutClass: true,
    allowSnippets: false,
    httpPort: 80,
    healthzPort: 10_254,
    pod: { name: 'controller-7ndcw', namespace: 'iks' },
  });
});

test.each([['--no-such-flag'], ['--publish-service=iks'], ['--http-port=x'], ['--update-status=perhaps']])(
  '%s is refused',
  (flag) => {
    expect(() => readOptions([flag], {})).toThrow();
  },
);

test('the ConfigMap sets defaults; what makes no sense is told', () => {
  const { global, defaults, allowSnippets, problems } = readConfigMap({
    'worker-processes': '1',
    'proxy-body-size': '8m',
    'allow-snippet-annotations': 'true',
    'proxy-read-timeout': 'x',
    'lua-shared-dicts': 'x',
  });
  expect(global.workerProcesses).toBe(1);
  expect(defaults).toMatchObject({ proxyBodySize: '8m', proxyReadTimeout: 60 });
  expect(allowSnippets).toBe(true);
  expect(problems).toHaveLength(2);
});

test('metrics in Prometheus’ format', () => {
  const metrics = new Metrics({ controller_pod: 'x' });
  metrics.numbers.reloads = 3;
  expect(metrics.render(undefined)).toContain('\nnginx_ingress_controller_success{controller_pod="x"} 3\n');
});

test('what nginx -t says, without what differs each time', () => {
  const said =
    '2026/11/20 15:01:36 [warn] 11#11: other\n' +
    '2026/11/20 15:01:36 [emerg] 11#11: pcre2_compile() failed: missing closing parenthesis in "^/a(" at "" in /etc/nginx/nginx.conf.new:62\n' +
    'nginx: configuration file /etc/nginx/nginx.conf.new test failed\n';
  expect(complaint(said, '/etc/nginx/nginx.conf.new')).toBe(
    'pcre2_compile() failed: missing closing parenthesis in "^/a(" at ""',
  );
});
