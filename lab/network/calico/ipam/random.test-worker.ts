import { FileDatastore } from '../datastore/index.ts';
import { Ipam } from './index.ts';

// Run by random.test.ts: ROOT POOL NODE NAME. Takes and gives back addresses, keeps five and sends them at the end.
const [root = '', pool = '', node = '', name = ''] = process.argv.slice(2);
const ipam = new Ipam(new FileDatastore(root), JSON.parse(pool));

const held: { handle: string; address: string }[] = [];
for (let i = 0; i < 40; i++) {
  const handle = `${name}-${i}`;
  const { address } = await ipam.autoAssign(node, { handle, attributes: { node } });
  held.push({ handle, address });
  while (held.length > 5) {
    const oldest = held.shift();
    if (!oldest) break;
    const released = await ipam.releaseByHandle(oldest.handle);
    if (released.join() !== oldest.address)
      throw new Error(`${oldest.handle}: ${released} != ${oldest.address}`);
  }
}
await new Promise((resolve) =>
  process.send?.(
    held.map(({ address }) => address),
    resolve,
  ),
);
process.disconnect?.();
