import { dnsRecordFault, machineNameFault, networkNameFault } from '../checks/name.ts';
import type { Draft } from '../draft.ts';
import { type Finding, formatPath, type Path, show } from '../fault.ts';

/** Names that are keys, and names that clash: a person types the short one, Kubernetes uses the other. */
export function nameRule(draft: Draft): Finding[] {
  const findings: Finding[] = [];
  for (const network of draft.networks ?? []) {
    const fault = networkNameFault(network.name);
    if (fault) findings.push({ path: network.path, at: 'key', ...fault });
  }
  for (const { path, machine = '' } of [...draft.hosts, ...(draft.nodes ?? [])]) {
    const fault = machineNameFault(machine);
    if (fault) findings.push({ path, at: 'key', ...fault });
  }
  for (const { path, name } of draft.dnsNames) {
    const fault = dnsRecordFault(name);
    if (fault) findings.push({ path, at: 'key', ...fault });
  }
  const seen = new Map<string, { path: Path; owner: Path; role: string }>();
  const claim = (name: string | undefined, path: Path, owner: Path, role: string, at: 'key' | 'value') => {
    if (name === undefined) return;
    const before = seen.get(name);
    if (!before) seen.set(name, { path, owner, role });
    else if (formatPath(before.owner) !== formatPath(owner)) {
      findings.push({
        path,
        at,
        message: `${show(name)} is the name of ${before.role} already (${formatPath(before.path)})`,
        rule: 'nodes (short and Kubernetes names), hosts and the router have names of their own',
        right: `another name, such as ${name}-2`,
      });
    }
  };
  claim(draft.routerName, ['router', 'name'], ['router'], 'the router', 'value');
  for (const { path, machine } of draft.hosts) claim(machine, path, path, 'a host', 'key');
  for (const { path, machine } of draft.nodes ?? []) claim(machine, path, path, 'a node', 'key');
  for (const { path, nodeName } of draft.nodes ?? []) {
    claim(nodeName, [...path, 'nodeName'], path, 'a node in Kubernetes', 'value');
  }
  return findings;
}
