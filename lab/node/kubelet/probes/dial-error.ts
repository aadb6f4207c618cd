const SAID: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connect: connection refused',
  EHOSTUNREACH: 'connect: no route to host',
  ENETUNREACH: 'connect: network is unreachable',
  ETIMEDOUT: 'connect: connection timed out',
};

/** An error of a connection in the words of Go's net package, as events of the real kubelet print it. */
export function dialError(error: NodeJS.ErrnoException, address: string): string {
  if (error.code === 'ECONNRESET') return `read tcp ${address}: read: connection reset by peer`;
  if (error.code === 'HPE_INVALID_CONSTANT')
    return 'net/http: HTTP/1.x transport connection broken: malformed HTTP response';
  const said = SAID[error.code ?? ''];
  return said === undefined ? error.message : `dial tcp ${address}: ${said}`;
}
