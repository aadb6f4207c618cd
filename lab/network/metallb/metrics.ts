import { createServer, type Server } from 'node:http';

export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge';
  readonly samples: readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[];
}

const escaped = (text: string): string =>
  text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

/** Prometheus' text format, labels in alphabetical order as its Go client writes them. */
export function formatMetrics(metrics: readonly Metric[]): string {
  return metrics
    .filter(({ samples }) => samples.length > 0)
    .map(({ name, help, type, samples }) => {
      const lines = samples.map(({ labels, value }) => {
        const pairs = Object.keys(labels)
          .sort()
          .map((label) => `${label}="${escaped(labels[label] ?? '')}"`);
        return `${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}\n`;
      });
      return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
    })
    .join('');
}

/** Serves /metrics. @param onError the port is taken, for example; the program goes on without */
export function serveMetrics(
  port: number,
  metrics: () => readonly Metric[],
  onError: (error: Error) => void,
): Server {
  const server = createServer((request, response) => {
    const found = request.url?.split('?')[0] === '/metrics';
    response.writeHead(found ? 200 : 404, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
    response.end(found ? formatMetrics(metrics()) : '404 page not found\n');
  });
  server.on('error', onError);
  server.listen(port);
  return server;
}
