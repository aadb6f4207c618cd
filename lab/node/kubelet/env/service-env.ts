/** What a service's variables are made of. */
export interface ServiceFacts {
  readonly name: string;
  readonly namespace: string;
  readonly clusterIP: string;
  readonly ports: readonly { readonly name?: string; readonly port: number; readonly protocol?: string }[];
}

const upper = (name: string) => name.toUpperCase().replaceAll('-', '_');

/**
 * The variables of a set of services: the host and port ones, and those that Docker's links had.
 * pkg/kubelet/envvars/envvars.go FromServices.
 */
export function serviceVariables(services: readonly ServiceFacts[]): Map<string, string> {
  const env = new Map<string, string>();
  for (const { name, clusterIP, ports } of services) {
    const first = ports[0];
    if (first === undefined) continue;
    const prefix = upper(name);
    env.set(`${prefix}_SERVICE_HOST`, clusterIP);
    env.set(`${prefix}_SERVICE_PORT`, String(first.port));
    for (const port of ports) {
      if (port.name) env.set(`${prefix}_SERVICE_PORT_${upper(port.name)}`, String(port.port));
    }
    for (const [index, { port, protocol = 'TCP' }] of ports.entries()) {
      const url = `${protocol.toLowerCase()}://${clusterIP.includes(':') ? `[${clusterIP}]` : clusterIP}:${port}`;
      if (index === 0) env.set(`${prefix}_PORT`, url);
      const link = `${prefix}_PORT_${port}_${protocol.toUpperCase()}`;
      env.set(link, url);
      env.set(`${link}_PROTO`, protocol.toLowerCase());
      env.set(`${link}_PORT`, String(port));
      env.set(`${link}_ADDR`, clusterIP);
    }
  }
  return env;
}

/**
 * The services whose variables a pod gets: those of its own namespace if it wants them, and `default/kubernetes` in
 * any case. pkg/kubelet/kubelet_pods.go getServiceEnvVarMap.
 */
export function linkedServices(
  services: readonly ServiceFacts[],
  namespace: string,
  enableServiceLinks: boolean,
): ServiceFacts[] {
  const usable = services.filter(({ clusterIP }) => clusterIP !== '' && clusterIP !== 'None');
  const own = usable.filter((service) => enableServiceLinks && service.namespace === namespace);
  const master = usable.filter(
    (service) =>
      service.namespace === 'default' &&
      service.name === 'kubernetes' &&
      !own.some(({ name }) => name === service.name),
  );
  return [...master, ...own].sort((a, b) => (a.name < b.name ? -1 : 1));
}
