import { KUBECTL, matches, rows, scenario } from '../../lab/scenario/index.ts';
import { outsideAddress, RELOADS } from './controllers.part.ts';

export default scenario({
  title: 'What kubectl tells of an Ingress',
  chapter: 'ingress',
  figures: ['87', '116', '117'],
  about: `Where do I have to go, and who will answer? The controller writes the address of its service into the status of
each Ingress it serves. The endpoints kubectl looks up itself.`,
  manifests: ['./applications.yaml'],
  pods: ['./applications-pods.yaml'],
  async story(s) {
    const address = await outsideAddress(s, "The address of the controllers' service");
    await s.apply('Two applications behind one Ingress', './applications-ingress.yaml');
    await s.step(
      'Figure 116: one of the controllers has written the address. No class is named, all hosts are meant',
      {
        on: KUBECTL,
        run: 'get ingress',
        see: rows({ NAME: 'applications', CLASS: '<none>', HOSTS: '*', ADDRESS: address, PORTS: '80' }),
        // The one that writes holds a lease of 30 s, and the other waits for it when it is gone.
        within: 45_000,
        until: { watch: 'get ingress -w', on: KUBECTL },
      },
    );
    // The order is the one that controllers/endpointslice gives new slices; that of a real cluster is random.
    await s.step('Figure 87: the paths, the services, and their pods', {
      on: KUBECTL,
      run: 'describe ingress applications',
      see: [
        matches(new RegExp(`^Address: +${address.replaceAll('.', '\\.')}$`)),
        matches(
          /^ +\/guestbook +frontend:80 \(192\.168\.104\.115:80,192\.168\.8\.248:80,192\.168\.8\.250:80\)$/,
        ),
        matches(/^ +\/wordpress +wordpress-frontend:80 \(192\.168\.8\.222:80\)$/),
        matches(/^Annotations: +<none>$/),
        matches(/Normal +Sync .* nginx-ingress-controller +Scheduled for sync$/),
      ],
      within: 10_000,
      until: { watch: 'get events -w', on: KUBECTL },
    });
    await s.remove('It goes', './applications-ingress.yaml');
    await s.apply('Figure 117: an Ingress with a service that does not exist', './sockshop-ingress.yaml');
    await s.step('kubectl does not find it', {
      on: KUBECTL,
      run: 'describe ingress guestbook',
      see: [
        matches(new RegExp(`^Address: +${address.replaceAll('.', '\\.')}$`)),
        matches(
          /^ +\/guestbook +frontend:80 \(192\.168\.104\.115:80,192\.168\.8\.248:80,192\.168\.8\.250:80\)$/,
        ),
        matches(/^ +\/sockshop +sockshop:80 \(<error: services "sockshop" not found>\)$/),
        matches(/^Annotations: +nginx\.ingress\.kubernetes\.io\/rewrite-target: \/$/),
      ],
      within: 45_000,
      until: { watch: 'get ingress -w', on: KUBECTL },
    });
    await s.step('and nginx has nobody to ask: 503', {
      on: 'client',
      run: `curl -si http://${address}/sockshop`,
      see: matches(/^HTTP\/1\.1 503 Service Temporarily Unavailable/),
      within: 10_000,
      until: RELOADS,
    });
  },
});
