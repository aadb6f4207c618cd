import { contains, KUBECTL, matches, not, rows, scenario } from '../../lab/scenario/index.ts';

const AUTO = /^10\.1\.110\.12[12]$/;
const RESERVED = '10.1.110.120';
const EVENTS = { watch: 'get events -w' } as const;
const SERVICES = { watch: 'get services -w' } as const;

/** An event of MetalLB's controller, as `kubectl describe` prints it. */
const event = (type: string, reason: string, message: string) =>
  matches(
    new RegExp(`^ +${type} +${reason} +.* metallb-controller +${message.replace(/[.[\]]/g, '\\$&')}$`),
    `${reason}: ${message}`,
  );

export default scenario({
  title: 'Which address will it be?',
  chapter: 'load-balancer',
  figures: ['32'],
  source: 'the configuration of MetalLB: pools, requests, reserved addresses and sharing',
  about: `The administrator gives MetalLB pools of addresses, and services take from them: any free one, one by its number,
one of a pool by name, or one together with others. Where nothing is left the service waits, and says so.`,
  manifests: ['./pools.yaml'],
  async story(s) {
    const describe = (service: string, sentence: string, message: string) =>
      s.step(sentence, {
        on: KUBECTL,
        run: `describe service ${service}`,
        see: event(
          'Warning',
          'AllocationFailed',
          `Failed to allocate IP for "default/${service}": ${message}`,
        ),
        within: 10_000,
        until: EVENTS,
      });
    const pending = (service: string) =>
      s.step('It waits', {
        on: KUBECTL,
        run: `get service ${service}`,
        see: rows({ NAME: service, TYPE: 'LoadBalancer', 'EXTERNAL-IP': '<pending>' }),
      });
    const address = (service: string, sentence: string, wanted: string | RegExp) =>
      s.step(sentence, {
        on: KUBECTL,
        run: `get service ${service}`,
        see: rows({ NAME: service, TYPE: 'LoadBalancer', 'EXTERNAL-IP': wanted }),
        within: 10_000,
        until: SERVICES,
      });

    await s.step('Figure 32 has two pools in a ConfigMap, the way of MetalLB until 0.12', {
      on: KUBECTL,
      run: "get configmap essential-metallb -n iks -o jsonpath='{.data.config}'",
      see: [contains('  name: reserved-pool\n'), contains('  name: auto-assign-pool\n')],
    });
    s.note(
      'Whatever its name says, nothing in Figure 32 reserves the reserved-pool: that would be a line "auto-assign: false". The service of Figure 31 has its address from there. Two more pools for this story, as objects, the way of MetalLB since 0.13:',
    );
    await s.step('Two pools beside the old ones; one is given only to those who ask for it', {
      on: KUBECTL,
      run: 'get ipaddresspools -n iks',
      see: [
        matches(/^story-auto +true +false +\["10\.1\.110\.121-10\.1\.110\.122"\]$/),
        matches(/^story-reserved +false +false +\["10\.1\.110\.120\/32"\]$/),
      ],
    });

    await s.apply('A service that does not care', './pools-any.yaml');
    const any = await address('pools-any', 'has a free address of the first pool that is for it', AUTO);
    const first = any.pick(/ (10\.1\.110\.12[12]) /);
    await s.step('The controller tells which', {
      on: KUBECTL,
      run: 'describe service pools-any',
      see: [
        event('Normal', 'IPAllocated', `Assigned IP "${first}"`),
        contains(`LoadBalancer Ingress:     ${first}`),
      ],
      within: 10_000,
      until: EVENTS,
    });

    await s.apply('A service with a wish: spec.loadBalancerIP', './pools-wish.yaml');
    await address('pools-wish', 'has what it wished, also from the reserved pool', RESERVED);
    await s.apply('Another one wants the same', './pools-taken.yaml');
    await describe(
      'pools-taken',
      'but an address has one owner',
      'can\'t change sharing key for "default/pools-taken", address also in use by default/pools-wish',
    );
    await pending('pools-taken');
    await s.apply('A third wants an address that is in no pool', './pools-foreign.yaml');
    await describe(
      'pools-foreign',
      'which is not for MetalLB to give',
      '["10.1.110.200"] is not allowed in config',
    );
    await pending('pools-foreign');

    await s.apply('Two services with the same sharing key and different ports', './pools-shared.yaml');
    const shared = await address('pools-web', 'take the last address', AUTO);
    const both = shared.pick(/ (10\.1\.110\.12[12]) /);
    await address('pools-web-8080', 'together', both);
    for (const port of ['80', '8080']) {
      await s.step(`There is an answer at port ${port}`, {
        on: 'client',
        run: `curl -s --retry 10 --retry-delay 1 --retry-all-errors --max-time 20 http://${both}:${port}/`,
        see: matches(/^frontend-[123] \(192\.168\.\d+\.\d+\) sees /),
      });
    }

    await s.apply('The pool is empty when a service comes that insists on it', './pools-late.yaml');
    await describe('pools-late', 'so there is nothing for it', 'no available IPs in pool "story-auto"');
    await pending('pools-late');
    await s.remove('Somebody gives an address back', './pools-any.yaml');
    await address('pools-late', 'and it goes to the one that waits', first);
    await s.step('The others have kept theirs', {
      on: KUBECTL,
      run: 'get services',
      see: [
        rows(
          { NAME: 'pools-wish', 'EXTERNAL-IP': RESERVED },
          { NAME: 'pools-web', 'EXTERNAL-IP': both },
          { NAME: 'pools-web-8080', 'EXTERNAL-IP': both },
          { NAME: 'pools-taken', 'EXTERNAL-IP': '<pending>' },
        ),
        not(matches(/^pools-any /)),
      ],
    });
  },
});
