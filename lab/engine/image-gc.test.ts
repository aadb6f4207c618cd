import { expect, it } from 'vitest';
import { mountedImages, parseStore, planCleanup, UNUSED_AGE } from './image-gc.ts';

const id = (digit: string) => digit.repeat(64);
const [used, mounted, fresh, old] = ['a', 'b', 'c', 'd'].map(id) as [string, string, string, string];

it('reads the store and the mounts of a node', () => {
  const content = parseStore(
    `image ${used}\nimage ${old}\nimage *\nref ${used}\nunused ${old} 1700000000\nunused * x\nnow 5\n`,
  );
  expect(content).toEqual({
    images: [used, old],
    referenced: new Set([used]),
    marked: new Map([[old, 1_700_000_000]]),
  });
  const table = `overlay / overlay rw,lowerdir=/var/lib/docker/overlay2/l/X 0 0
overlay /var/lib/kubelet/pods/u/rootfs overlay rw,lowerdir=/var/lib/hoplab/images/${mounted}/rootfs,upperdir=/x 0 0`;
  expect(mountedImages(table)).toEqual(new Set([mounted]));
});

it('removes an image at a second look, when neither a reference nor a running pod has it', () => {
  const now = 1_700_001_000;
  const content = {
    images: [used, mounted, fresh, old],
    referenced: new Set([used]),
    marked: new Map([
      [used, 1],
      [mounted, 1],
      [old, now - UNUSED_AGE],
    ]),
  };
  expect(planCleanup(content, new Set([mounted]), now)).toEqual({
    mark: [fresh],
    unmark: [used, mounted],
    remove: [old],
  });
  const young = { ...content, marked: new Map([[old, now - UNUSED_AGE + 1]]) };
  expect(planCleanup(young, new Set([mounted]), now).remove).toEqual([]);
});
