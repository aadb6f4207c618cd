import { contains, equals, KUBECTL, matches, not, scenario } from '../../lab/scenario/index.ts';
import { controllers, RELOADS } from './controllers.part.ts';

const EVENTS = { watch: 'get events -w', on: KUBECTL } as const;

export default scenario({
  title: 'Two applications want the same path',
  chapter: 'ingress',
  figures: ['40'],
  about: `Both applications would like to be at /. nginx can send a request to one of them only. The controller keeps to the
older Ingress, and says so where somebody will look: in an event of the one that goes without.`,
  manifests: ['./applications.yaml'],
  pods: ['./applications-pods.yaml'],
  async story(s) {
    const pods = await controllers(s);
    const ask = `for pod in ${pods.join(' ')}; do curl -s http://$pod/ | sed -n 's/^Pod: //p; s/ .* sees .*//p' | sed 's/frontend-[0-9]/frontend/'; done`;
    const from = (answer: string) => equals(pods.map(() => answer).join('\n'));

    await s.apply('First comes the guestbook', './same-path-guestbook.yaml');
    await s.step('All controllers send / to the guestbook', {
      on: 'default/toolbox-worker1',
      run: ask,
      see: from('frontend'),
      within: 15_000,
      until: RELOADS,
    });
    await s.apply('then Wordpress, with the same path', './same-path-wordpress.yaml');
    await s.step('The API server has nothing against it. The controller has, and says who was first', {
      on: KUBECTL,
      run: 'describe ingress wordpress',
      see: [
        matches(/^ +\/ +wordpress-frontend:80 \(192\.168\.8\.222:80\)$/),
        matches(
          /Warning +PathConflict .* nginx-ingress-controller .*already served by Ingress default\/guestbook with service frontend:80/,
        ),
      ],
      within: 15_000,
      until: EVENTS,
    });
    await s.step('The guestbook is not to blame, and is told nothing', {
      on: KUBECTL,
      run: 'describe ingress guestbook',
      see: [contains('Name:             guestbook'), not(contains('PathConflict'))],
    });
    await s.step('and still has the path', {
      on: 'default/toolbox-worker1',
      run: ask,
      see: from('frontend'),
    });

    await s.remove('The older one goes', './same-path-guestbook.yaml');
    await s.step('and the younger one has what it wanted', {
      on: 'default/toolbox-worker1',
      run: ask,
      see: from('wordpress-frontend'),
      within: 15_000,
      until: RELOADS,
    });
    await s.remove('That one goes, too', './same-path-wordpress.yaml');

    await s.apply('Figure 40: both in the same Ingress, Wordpress first', './same-path-both.yaml');
    await s.step('The first of the list has the path', {
      on: 'default/toolbox-worker1',
      run: ask,
      see: from('wordpress-frontend'),
      within: 15_000,
      until: RELOADS,
    });
    await s.step('and the Ingress an event', {
      on: KUBECTL,
      run: "get events --field-selector involvedObject.name=both,reason=PathConflict -o jsonpath='{.items[*].message}'",
      see: [
        contains('already served by Ingress default/both with service wordpress-frontend:80'),
        contains('service frontend:80 is not reached by it'),
      ],
      within: 15_000,
      until: EVENTS,
    });
  },
});
