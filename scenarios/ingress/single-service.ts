import { contains, KUBECTL, matches, rows, scenario } from '../../lab/scenario/index.ts';
import { controllers, everyController, outsideAddress } from './controllers.part.ts';

export default scenario({
  title: 'The same Ingress before and after 1.19, and one without rules',
  chapter: 'ingress',
  source: '"Kubernetes Networking": Ingress Just Hit Stable Status in 1.19; Single Service Ingress',
  about: `Until 1.18 an Ingress was v1beta1: the class was an annotation, the service a name and a port side by side. Since
1.19 it is v1. The API server keeps one object and shows it as whoever asks wants to see it.`,
  manifests: ['./services.yaml'],
  pods: ['./services-pods.yaml'],
  async story(s) {
    const pods = await controllers(s);
    const address = await outsideAddress(s, 'and their address');
    const testPath = [{ path: '/testpath' }];
    const rewritten = [contains('Pod: service1-pod'), matches(/^GET \/ HTTP\/1\.1$/)];

    await s.apply('v1beta1', './test-ingress-v1beta1.yaml');
    await everyController(s, 'The controllers serve it', pods, testPath, '200');
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
    await everyController(s, 'and its path with it', pods, testPath, '404');

    await s.apply('v1, with the class where it belongs', './test-ingress-v1.yaml');
    await s.step('kubectl shows the class', {
      on: KUBECTL,
      run: 'get ingress test-ingress',
      see: rows({ NAME: 'test-ingress', CLASS: 'nginx', HOSTS: '*', PORTS: '80' }),
    });
    await everyController(s, 'The controllers serve it', pods, testPath, '200');
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
    await everyController(
      s,
      'The controllers send it all that is asked',
      pods,
      [{ path: '/what/ever' }],
      '200',
    );
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
