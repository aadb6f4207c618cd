import { equals, exitCode, KUBECTL, rows, scenario } from '../../lab/scenario/index.ts';

export default scenario({
  title: 'Services in the environment of a pod',
  chapter: 'services',
  source: '"Environment variables": redis-master and its seven variables',
  about: `The oldest way to find a service: the kubelet puts the services of the namespace into the environment of each
container that it starts. What was started before the service does not have them. DNS has no such order, which is why it is
used today.`,
  manifests: ['./environment.yaml'],
  pods: ['./environment-pod.yaml'],
  async story(s) {
    await s.step('The service was there first', {
      on: KUBECTL,
      run: 'get services redis-master',
      see: rows({ NAME: 'redis-master', 'CLUSTER-IP': '10.96.0.11', 'PORT(S)': '6379/TCP' }),
    });
    await s.step('The pod that was started after it has its seven variables', {
      on: 'default/started-after',
      run: 'env | grep ^REDIS_MASTER_ | sort',
      see: equals(
        [
          'REDIS_MASTER_PORT=tcp://10.96.0.11:6379',
          'REDIS_MASTER_PORT_6379_TCP=tcp://10.96.0.11:6379',
          'REDIS_MASTER_PORT_6379_TCP_ADDR=10.96.0.11',
          'REDIS_MASTER_PORT_6379_TCP_PORT=6379',
          'REDIS_MASTER_PORT_6379_TCP_PROTO=tcp',
          'REDIS_MASTER_SERVICE_HOST=10.96.0.11',
          'REDIS_MASTER_SERVICE_PORT=6379',
        ].join('\n'),
      ),
    });
    await s.step('A pod that was started before it has none', {
      on: 'default/toolbox-worker1',
      run: 'env | grep ^REDIS_MASTER_',
      see: [equals(''), exitCode(1)],
    });
    await s.step('Every pod has those of the API server', {
      on: 'default/toolbox-worker1',
      run: 'env | grep ^KUBERNETES_SERVICE_ | sort',
      see: equals(
        'KUBERNETES_SERVICE_HOST=10.96.0.1\nKUBERNETES_SERVICE_PORT=443\nKUBERNETES_SERVICE_PORT_HTTPS=443',
      ),
    });
  },
});
