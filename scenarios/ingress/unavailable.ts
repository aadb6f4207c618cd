import { contains, KUBECTL, matches, not, scenario } from '../../lab/scenario/index.ts';
import { controllers, everyController, nobody, outsideAddress } from './controllers.part.ts';

export default scenario({
  title: '503 and 404: nobody at home, and no such address',
  chapter: 'ingress',
  source: 'ingress-nginx: a service without endpoints, and the default backend',
  about: `A path that leads to a service without pods is a fault that may pass: 503. A path that leads nowhere is a mistake
of whoever asked: 404, from a little server that has no other task.`,
  manifests: ['./nobody.yaml'],
  async story(s) {
    const pods = await controllers(s);
    const asked = [{ path: '/nobody' }];
    await s.step('/nobody leads to a service that has no pods', {
      on: KUBECTL,
      run: 'describe ingress nobody',
      see: matches(/^ +\/nobody +nobody:80 \(\)$/),
    });
    await everyController(s, '503 from every controller', pods, asked, '503');
    const address = await outsideAddress(s, 'The address');
    await s.step('The client is told to come back later', {
      on: 'client',
      run: `curl -si http://${address}/nobody`,
      see: matches(/^HTTP\/1\.1 503 Service Temporarily Unavailable/),
    });
    await s.step('A path that no Ingress names is 404, by the default backend', {
      on: 'client',
      run: `curl -si http://${address}/nowhere`,
      see: nobody,
    });
    await s.step('which is a pod like others', {
      on: KUBECTL,
      run: '-n iks get endpoints essential-nginx-ingress-ingress-nginx-defaultbackend',
      see: matches(/ 192\.168\.\d+\.\d+:8080 /),
    });
    const before = await s.act('The first line of nginx.conf is its checksum', {
      on: KUBECTL,
      run: '-n iks exec daemonset/essential-nginx-ingress-ingress-nginx-controller -- head -1 /etc/nginx/nginx.conf',
    });
    await s.act("Put the service's selector right", {
      on: KUBECTL,
      run: `patch service nobody -p '{"spec":{"selector":{"tier":"frontend"}}}'`,
    });
    await everyController(s, 'There they are: 200', pods, asked, '200', {
      watch: 'get endpointslices -l kubernetes.io/service-name=nobody -w',
      on: KUBECTL,
    });
    await s.step('The client meets one of the three', {
      on: 'client',
      run: `curl -s http://${address}/nobody`,
      see: [matches(/^frontend-[123] /), not(contains('503'))],
    });
    await s.step('and nginx.conf is the same: who is behind a service, nginx is told while it runs', {
      on: KUBECTL,
      run: '-n iks exec daemonset/essential-nginx-ingress-ingress-nginx-controller -- head -1 /etc/nginx/nginx.conf',
      see: [matches(/^# Configuration checksum: [0-9a-f]+$/), contains(before.stdout.trim())],
    });
  },
});
