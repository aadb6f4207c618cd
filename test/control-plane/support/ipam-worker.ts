import { httpsClient } from '../../../lab/api/client/index.ts';
import { ApiDatastore } from '../../../lab/network/calico/datastore/index.ts';
import { IPAM_RESOURCES, Ipam } from '../../../lab/network/calico/ipam/index.ts';

// Run by calico-ipam.test.ts: ACCESS POOL NODE NAME ROUNDS KEEP. Takes and gives back addresses, tells each that it takes and
// each that it is about to give back, and keeps the last few.
const [access = '', pool = '', node = '', name = '', rounds, keep] = process.argv.slice(2);
const store = new ApiDatastore(httpsClient(JSON.parse(access)), IPAM_RESOURCES);
const ipam = new Ipam(store, JSON.parse(pool));
const tell = (message: object) => new Promise((resolve) => process.send?.(message, resolve));

const held: { handle: string; address: string }[] = [];
for (let i = 0; i < Number(rounds); i++) {
  const handle = `${name}-${i}`;
  const { address } = await ipam.autoAssign(node, { handle, attributes: { node } });
  held.push({ handle, address });
  await tell({ took: address, handle });
  while (held.length > Number(keep)) {
    const oldest = held.shift();
    if (!oldest) break;
    await tell({ gives: oldest.address });
    const released = await ipam.releaseByHandle(oldest.handle);
    if (released.join() !== oldest.address)
      throw new Error(`${oldest.handle}: ${released} != ${oldest.address}`);
  }
}
process.disconnect?.();
process.exit(0);
