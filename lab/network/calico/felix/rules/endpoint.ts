import type { ActiveEndpoint } from '../calc/index.ts';
import { chainName, clearMark, MARK, marked, notMarked } from './names.ts';
import type { Chain, Rule } from './rule.ts';

const established: Rule = {
  match: '-m conntrack --ctstate RELATED,ESTABLISHED',
  action: '--jump ACCEPT',
};
const invalid: Rule = { match: '-m conntrack --ctstate INVALID', action: '--jump DROP' };

/** A pod that wraps packets itself would get around the policies of those it sends them to. */
const NO_ENCAPSULATION: readonly Rule[] = [
  {
    comment: 'Drop VXLAN encapped packets originating in workloads',
    match: '-p 17 -m multiport --destination-ports 4789',
    action: '--jump DROP',
  },
  {
    comment: 'Drop IPinIP encapped packets originating in workloads',
    match: '-p 4',
    action: '--jump DROP',
  },
];

/**
 * A pod's two chains: `cali-tw-` for packets to it, `cali-fw-` for packets from it. Policies come first, and where
 * there are any, profiles are not reached; a packet that is let pass returns with the accept mark (Figure 80).
 *
 * @see Felix 3.16 rules/endpoints.go
 */
export function endpointChains(endpoint: ActiveEndpoint): Chain[] {
  const { profiles } = endpoint;
  return [
    {
      name: chainName('cali-tw-', endpoint.interface),
      rules: body('cali-pi-', endpoint.ingress, 'cali-pri-', profiles, []),
    },
    {
      name: chainName('cali-fw-', endpoint.interface),
      rules: body('cali-po-', endpoint.egress, 'cali-pro-', profiles, NO_ENCAPSULATION),
    },
  ];
}

function body(
  policyPrefix: string,
  policies: readonly string[],
  profilePrefix: string,
  profiles: readonly string[],
  guards: readonly Rule[],
): Rule[] {
  const returnIf = (what: string): Rule => ({
    comment: `Return if ${what} accepted`,
    match: marked(MARK.accept),
    action: '--jump RETURN',
  });
  const asked = policies.flatMap((policy): Rule[] => [
    { match: notMarked(MARK.pass), action: `--jump ${chainName(policyPrefix, policy)}` },
    returnIf('policy'),
  ]);
  return [
    established,
    invalid,
    { action: clearMark(MARK.accept) },
    ...guards,
    ...(policies.length === 0
      ? []
      : [
          { comment: 'Start of policies', action: clearMark(MARK.pass) },
          ...asked,
          {
            comment: 'Drop if no policies passed packet',
            match: notMarked(MARK.pass),
            action: '--jump DROP',
          },
        ]),
    ...profiles.flatMap((profile): Rule[] => [
      { action: `--jump ${chainName(profilePrefix, profile)}` },
      returnIf('profile'),
    ]),
    { comment: 'Drop if no profiles matched', action: '--jump DROP' },
  ];
}
