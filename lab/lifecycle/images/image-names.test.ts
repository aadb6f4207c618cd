import { describe, expect, it } from 'vitest';
import { imageNames } from './image-names.ts';

describe('imageNames', () => {
  it('finds the containers of every document and kind, each image once', () => {
    const text = `
apiVersion: v1
kind: Pod
spec: { containers: [{ image: nginx }, { image: redis:6 }], initContainers: [{ image: debian }] }
---
apiVersion: batch/v1
kind: CronJob
spec: { jobTemplate: { spec: { template: { spec: { containers: [{ name: a, image: nginx }] } } } } }
---
kind: List
items: [{ spec: { template: { spec: { containers: [{ image: 'wordpress:4.8-apache' }] } } } }]
`;
    expect(imageNames(text).sort()).toEqual(['debian', 'nginx', 'redis:6', 'wordpress:4.8-apache']);
  });

  it('reads JSON', () => {
    expect(imageNames('{"spec":{"containers":[{"image":"a"}]}}')).toEqual(['a']);
  });

  it('takes no image from anything that is no container', () => {
    expect(imageNames('data: { "x.yaml": "containers: [{image: a}]" }\nimage: b\ncontainers: c\n')).toEqual(
      [],
    );
  });

  it.each(['', 'null', 'a: [', 'containers: [null, 3, {image: 4}, {image: ""}]', '&a [*a]', '\u0000'])(
    'takes nothing from %j',
    (text) => expect(imageNames(text)).toEqual([]),
  );
});
