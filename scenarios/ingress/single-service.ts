import { contains, holds, KUBECTL, matches, rows, scenario } from '../../lab/scenario/index.ts';

const RELOADS = { watch: 'get events -n iks --field-selector reason=RELOAD -w', on: KUBECTL } as const;

export default scenario({
  title: 'The same Ingress before and after 1.19, and one without rules',
  chapter: 'ingress',
  source: '"Kubernetes Networking": Ingress Just Hit Stable Status in 1.19; Single Service Ingress',
  about: `Until 1.18 an Ingress was v1beta1: the class was an annotation, the service a name and a port side by side. Since
1.19 it is v1. The API server keeps one object and shows it as whoever asks wants to see it.`,
  manifests: ['./services.yaml'],
  pods: ['./services-pods.yaml'],
  async story(s) {
    const controllers = await s.act('The controllers', {
      on: KUBECTL,
      run: "-n iks get pods -l app.kubernetes.io/component=controller -o jsonpath='{.items[*].status.podIP}'",
    });
    const count = controllers.stdout.trim().split(' ').length;
    const codes = (path: string) =>
      `for pod in ${controllers.stdout.trim()}; do curl -s -o /dev/null -w '%{http_code}\\n' http://$pod${path}; done`;
    const all = (code: number) =>
      holds(`${code} from every controller`, ({ stdout }) => stdout === `${code}\n`.repeat(count));
    const found = await s.act('and their address', {
      on: KUBECTL,
      run: "-n iks get svc essential-nginx-ingress-ingress-nginx-controller -o jsonpath='{.status.loadBalancer.ingress[0].ip}'",
    });
    const address = found.stdout.trim();
    const rewritten = [contains('Pod: service1-pod'), matches(/^GET \/ HTTP\/1\.1$/)];

    await s.apply('v1beta1', './test-ingress-v1beta1.yaml');
    await s.step('The controllers serve it', {
      on: 'default/toolbox-worker1',
      run: codes('/testpath'),
      see: all(200),
      within: 15_000,
      until: RELOADS,
    });
    await s.step('rewritten to /', {
      on: 'client',
      run: `curl -s http://${address}/testpath`,
      see: rewritten,
    });
    await s.step('As v1 it has a service with a name and a port', {
      on: KUBECTL,
      run: 'get ingress.v1.networking.k8s.io test-ingress -o yaml',
      see: [
        matches(/^apiVersion: networking\.k8s\.io\/v1$/),
        matches(/^ +service:\n +name: test\n +port:\n +number: 80$/),
        matches(/^ +kubernetes\.io\/ingress\.class: nginx$/),
      ],
    });
    await s.remove('It goes', './test-ingress-v1beta1.yaml');
    await s.step('and its path with it', {
      on: 'default/toolbox-worker1',
      run: codes('/testpath'),
      see: all(404),
      within: 15_000,
      until: RELOADS,
    });

    await s.apply('v1, with the class where it belongs', './test-ingress-v1.yaml');
    await s.step('kubectl shows the class', {
      on: KUBECTL,
      run: 'get ingress test-ingress',
      see: rows({ NAME: 'test-ingress', CLASS: 'nginx', HOSTS: '*', PORTS: '80' }),
    });
    await s.step('The controllers serve it', {
      on: 'default/toolbox-worker1',
      run: codes('/testpath'),
      see: all(200),
      within: 15_000,
      until: RELOADS,
    });
    await s.step('just the same', {
      on: 'client',
      run: `curl -s http://${address}/testpath`,
      see: rewritten,
    });
    await s.step('As v1beta1 its service and its port are side by side', {
      on: KUBECTL,
      run: 'get ingress.v1beta1.networking.k8s.io test-ingress -o yaml',
      see: [
        matches(/^apiVersion: networking\.k8s\.io\/v1beta1$/),
        matches(/^ +serviceName: test$/),
        matches(/^ +servicePort: 80$/),
      ],
    });
    await s.remove('It goes, too', './test-ingress-v1.yaml');

    await s.apply('A single service: no rules, only a default backend', './single-service-ingress.yaml');
    await s.step('The controllers send it all that is asked', {
      on: 'default/toolbox-worker1',
      run: codes('/what/ever'),
      see: all(200),
      within: 15_000,
      until: RELOADS,
    });
    await s.step('of whatever host, at whatever path', {
      on: 'client',
      run: `curl -s -H 'Host: any.example' http://${address}/what/ever`,
      see: [
        contains('Pod: service1-pod'),
        matches(/^GET \/what\/ever HTTP\/1\.1$/),
        matches(/^Host: any\.example$/),
      ],
    });
    await s.step('kubectl has a star for host and path', {
      on: KUBECTL,
      run: 'describe ingress single-service',
      see: [
        matches(/^Default backend: +test:80 \(192\.168\.104\.\d+:80\)$/),
        matches(/^ +\* +\* +test:80 \(192\.168\.104\.\d+:80\)$/),
      ],
    });
  },
});
