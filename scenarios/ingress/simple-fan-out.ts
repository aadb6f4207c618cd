import { contains, KUBECTL, matches, scenario } from '../../lab/scenario/index.ts';
import { controllers, everyController, nobody, outsideAddress } from './controllers.part.ts';

export default scenario({
  title: 'Simple fan-out: two paths of one host',
  chapter: 'ingress',
  source: '"Kubernetes Networking": Simple Fanout with Ingress',
  about: `One host, two paths, two services, each at a port of its own. The Ingress names the port of the service; nginx goes
to the port of the pod.`,
  manifests: ['./services.yaml'],
  pods: ['./services-pods.yaml'],
  async story(s) {
    const pods = await controllers(s);
    const address = await outsideAddress(s, 'and their address');
    await s.apply('foo.bar.com/foo and foo.bar.com/bar', './simple-fan-out-ingress.yaml');
    const both = [
      { host: 'foo.bar.com', path: '/foo' },
      { host: 'foo.bar.com', path: '/bar' },
    ];
    await everyController(s, 'All controllers serve both', pods, both, '200');
    await s.step('kubectl knows service, port and pod of each path', {
      on: KUBECTL,
      run: 'describe ingress simple-fanout-example',
      see: [
        matches(/^ +foo\.bar\.com *$/),
        matches(/^ +\/foo +service1:4200 \(192\.168\.104\.\d+:80\)$/),
        matches(/^ +\/bar +service2:8080 \(192\.168\.8\.\d+:80\)$/),
      ],
    });
    const ask = (path: string) => `curl -s --resolve foo.bar.com:80:${address} http://foo.bar.com${path}`;
    await s.step('/foo is service1', {
      on: 'client',
      run: ask('/foo'),
      see: [
        contains('Pod: service1-pod'),
        matches(/^GET \/foo HTTP\/1\.1$/),
        matches(/^Host: foo\.bar\.com$/),
      ],
    });
    await s.step('/bar is service2', {
      on: 'client',
      run: ask('/bar/and/more'),
      see: [contains('Pod: service2-pod'), matches(/^GET \/bar\/and\/more HTTP\/1\.1$/)],
    });
    await s.step('Any other path of the host is nobody', {
      on: 'client',
      run: `${ask('/')} -i`,
      see: nobody,
    });
    await s.step('and without the host so is /foo', {
      on: 'client',
      run: `curl -si http://${address}/foo`,
      see: nobody,
    });
  },
});
