import { run } from '../../../node/shell/index.ts';
import type { ArpResponder } from '../arp/index.ts';

export interface VirtualAddress {
  add(): Promise<void>;
  remove(): Promise<void>;
}

/**
 * The address itself, on the interface, as kube-vip has it: the API server listens on all addresses, so it is reached there, and the
 * kernel answers its ARP. Only the announcements are sent from user space.
 */
export function virtualAddress(
  address: string,
  interfaceName: string,
  responder: Pick<ArpResponder, 'announce' | 'drop'>,
): VirtualAddress {
  const change = (verb: string) => run(['ip', 'address', verb, `${address}/32`, 'dev', interfaceName]);
  return {
    async add() {
      await change('replace');
      responder.announce(address);
    },
    async remove() {
      responder.drop(address);
      await change('delete').catch((error: Error) => {
        // Gone already, by hand or with the interface.
        if (!/Cannot (assign|find)|not found/.test(error.message)) throw error;
      });
    },
  };
}
