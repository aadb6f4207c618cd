import { expect, it } from 'vitest';
import { noTarget } from './targets.ts';

const machines = ['controlpl1', 'worker1', 'client'];
const pods = [
  { namespace: 'default', name: 'frontend-1' },
  { namespace: 'kube-system', name: 'coredns-559fb9d678-6w278' },
];
const next = (text: string, found: typeof pods = []) => noTarget('iks', text, machines, pods, found).next;
const all = 'controlpl1, worker1, client, default/frontend-1, kube-system/coredns-559fb9d678-6w278';

it('says what a mistyped target was probably meant to be', () => {
  expect(next('wroker1')).toBe(`did you mean worker1? There are: ${all}`);
  expect(next('frontend1')).toBe(`did you mean frontend-1? There are: ${all}`);
  expect(next('defualt/frontend-1')).toBe(`did you mean default/frontend-1? There are: ${all}`);
  expect(next('coredns')).toBe(`did you mean coredns-559fb9d678-6w278? There are: ${all}`);
  expect(next('something-else')).toBe(`one of: ${all}`);
});

it('names the pods that have the same name', () => {
  const found = ['a', 'b'].map((namespace) => ({ namespace, name: 'web' }));
  expect(noTarget('iks', 'web', machines, pods, found)).toMatchObject({
    message: '"web" is the name of 2 pods',
    next: 'one of: a/web, b/web',
  });
});
