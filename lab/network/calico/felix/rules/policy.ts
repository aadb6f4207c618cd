import type { ActivePolicy, PolicyRule } from '../calc/index.ts';
import { matchBlocks, portMatch, splitPorts } from './match-blocks.ts';
import { chainName, ipSetName, MARK, marked, setMark } from './names.ts';
import type { Chain, Rule } from './rule.ts';

const acceptedReturns: Rule = { match: marked(MARK.accept), action: '--jump RETURN' };

const namedPortMatch = (id: string): string => `-m set --match-set ${ipSetName(id)} dst,dst`;

/**
 * A policy's chain. Each permission marks what it matches and returns; what none of them matches comes back unmarked, and
 * the pod's chain drops it if no other policy wants it.
 *
 * @see Felix 3.16 rules/policy.go
 */
export function policyChain(prefix: 'cali-pi-' | 'cali-po-', policy: ActivePolicy): Chain {
  return { name: chainName(prefix, policy.id), rules: policy.rules.flatMap(policyRules) };
}

/** Felix `ProtoRuleToIptablesRules` for permissions. */
export function policyRules(rule: PolicyRule): Rule[] {
  const protocol = rule.protocol ? [`-p ${rule.protocol}`] : [];
  const portions = splitPorts(rule.ports);
  const named = rule.namedPorts.map(({ id }) => namedPortMatch(id));
  const portsInBlock = portions.length + named.length > 1;
  const sides = [
    { option: '--source', set: 'src', peer: rule.source },
    { option: '--destination', set: 'dst', peer: rule.destination },
  ].map(({ option, set, peer }) => {
    const net = peer.net === undefined ? [] : [`${option} ${peer.net}`];
    // iptables takes one network of a side in a rule, be it wanted or unwanted.
    const inBlock = net.length + peer.notNets.length > 1;
    return {
      positive: [...net, ...peer.sets.map(({ id }) => `-m set --match-set ${ipSetName(id)} ${set}`)],
      negative: inBlock ? [] : peer.notNets.map((one) => `! ${option} ${one}`),
      excluded: inBlock ? peer.notNets.map((one) => `${option} ${one}`) : [],
    };
  });
  const blocks = matchBlocks(
    portsInBlock ? [...portions.map((portion) => [...protocol, portMatch(portion)].join(' ')), ...named] : [],
    sides.flatMap(({ excluded }) => excluded),
  );
  const match = [
    ...protocol,
    ...sides.flatMap(({ positive }) => positive),
    ...(portsInBlock ? [] : [...portions.map(portMatch), ...named]),
    ...sides.flatMap(({ negative }) => negative),
    ...(blocks.length > 0 ? [marked(MARK.scratch0)] : []),
  ].join(' ');
  return [...blocks, { match, action: setMark(MARK.accept) }, acceptedReturns];
}

/**
 * A profile's chains: the namespace's lets everything pass, so that a pod without policies is open; the service
 * account's has no rules of its own.
 */
export function profileChains(profile: string): Chain[] {
  const rules = profile.startsWith('kns.') ? [{ action: setMark(MARK.accept) }, acceptedReturns] : [];
  return ['cali-pri-', 'cali-pro-'].map((prefix) => ({ name: chainName(prefix, profile), rules }));
}
