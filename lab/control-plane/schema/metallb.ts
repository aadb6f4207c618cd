import { customResource, flag, integer, selectors, texts } from './custom.ts';
import type { Definition } from './definition.ts';

const own = (name: string): string => `io.metallb.v1beta1.${name}`;

/** The resources of MetalLB 0.13 and later that choose addresses and announce them in layer 2 (metallb.io/v1beta1). */
export const metallbDefinitions: Readonly<Record<string, Definition>> = {
  ...customResource(
    own('IPAddressPool'),
    'IPAddressPool represents a pool of IP addresses that can be allocated to LoadBalancer services.',
    {
      description: 'IPAddressPoolSpec defines the desired state of IPAddressPool.',
      properties: {
        addresses: texts(
          'A list of IP address ranges over which MetalLB has authority. You can list multiple ranges in a single pool, they will all share the same settings. Each range can be either a CIDR prefix, or an explicit start-end range of IPs.',
        ),
        autoAssign: flag(
          'AutoAssign flag used to prevent MetallB from automatic allocation for a pool. Defaults to true.',
        ),
        avoidBuggyIPs: flag(
          'AvoidBuggyIPs prevents addresses ending with .0 and .255 to be used by a pool. Defaults to false.',
        ),
        serviceAllocation: {
          ref: own('ServiceAllocation'),
          description:
            'AllocateTo makes ip pool allocation to specific namespace and/or service. The controller will use the pool with lowest value of priority in case of multiple matches.',
        },
      },
      required: ['addresses'],
    },
  ),
  [own('ServiceAllocation')]: {
    description: 'ServiceAllocation defines ip pool allocation to namespace and/or service.',
    properties: {
      namespaceSelectors: selectors(
        'NamespaceSelectors list of label selectors to select namespace(s) for ip pool, an alternative to using namespace list.',
      ),
      namespaces: texts('Namespaces list of namespace(s) on which ip pool can be attached.'),
      priority: integer('Priority priority given for ip pool while ip allocation on a service.'),
      serviceSelectors: selectors(
        'ServiceSelectors list of label selector to select service(s) for which ip pool can be used for ip allocation.',
      ),
    },
  },
  ...customResource(
    own('L2Advertisement'),
    'L2Advertisement allows to advertise the LoadBalancer IPs provided by the selected pools via L2.',
    {
      description: 'L2AdvertisementSpec defines the desired state of L2Advertisement.',
      properties: {
        interfaces: texts(
          'A list of interfaces to announce from. The LB IP will be announced only from these interfaces. If the field is not set, we advertise from all the interfaces on the host.',
        ),
        ipAddressPoolSelectors: selectors(
          'A selector for the IPAddressPools which would get advertised via this advertisement. If no IPAddressPool is selected by this or by the list, the advertisement is applied to all the IPAddressPools.',
        ),
        ipAddressPools: texts(
          'The list of IPAddressPools to advertise via this advertisement, selected by name.',
        ),
        nodeSelectors: selectors(
          'NodeSelectors allows to limit the nodes to announce as next hops for the LoadBalancer IP. When empty, all the nodes having are announced as next hops.',
        ),
      },
    },
  ),
};
