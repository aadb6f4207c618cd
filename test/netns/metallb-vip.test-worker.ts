import { createInterface } from 'node:readline';
import { ArpResponder } from '../../lab/network/metallb/arp/index.ts';
import { virtualAddress } from '../../lab/network/metallb/vip/address.ts';

/* The virtual address as vip-manager handles it, with its leadership typed in by the test: `add`, `remove`. */
const [address = '', interfaceName = '', path = ''] = process.argv.slice(2);
const responder = new ArpResponder(
  {
    onLine: (line) => console.log(JSON.stringify(line)),
    onEnd: (reason) => console.log(JSON.stringify({ kind: 'end', reason })),
  },
  path,
);
const vip = virtualAddress(address, interfaceName, responder);
responder.start();
createInterface({ input: process.stdin }).on('line', (line) => {
  const done = line === 'add' ? vip.add() : vip.remove();
  void done.then(() => console.log(JSON.stringify({ kind: 'done', line })));
});
