import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import type { Ingress, Secret } from '../objects.ts';
import { ANY_HOST, asArray } from './claims.ts';
import type { Certificate, Problem } from './types.ts';

interface Read {
  readonly certificate: Certificate;
  readonly x509: X509Certificate;
}

/** Secrets do not change: a new version is a new object. */
const known = new WeakMap<Secret, Read | Error>();
/** The parts of a PEM file; nothing else of the secret gets into nginx's file. */
const PEM = /-----BEGIN ([A-Z0-9 ]{1,40})-----[A-Za-z0-9+/=\s]+-----END \1-----/g;

/**
 * Certificate and key of a secret of type kubernetes.io/tls.
 *
 * @throws Error that says what is wrong with them
 */
export function readCertificate(secret: Secret): Read {
  let found = known.get(secret);
  if (!found) {
    try {
      found = decode(secret);
    } catch (error) {
      found = error instanceof Error ? error : new Error(String(error));
    }
    known.set(secret, found);
  }
  if (found instanceof Error) throw found;
  return found;
}

function decode({ metadata, data }: Secret): Read {
  const part = (name: string): string => {
    const encoded = data?.[name];
    if (typeof encoded !== 'string' || encoded === '') throw new Error(`it has no ${name}`);
    return [...Buffer.from(encoded, 'base64').toString('latin1').matchAll(PEM)]
      .map(([all]) => all)
      .join('\n');
  };
  const chain = part('tls.crt');
  const key = part('tls.key');
  const x509 = parsed('certificate', () => new X509Certificate(chain));
  const privateKey = parsed('key', () => createPrivateKey(key));
  if (!x509.checkPrivateKey(privateKey)) throw new Error('its key is not that of its certificate');
  // Written anew, so that what nginx reads is what was checked.
  const pem = `${chain}\n${privateKey.export({ type: 'pkcs8', format: 'pem' })}`;
  const hash = createHash('sha256').update(pem).digest('hex').slice(0, 12);
  return { certificate: { id: `${metadata.namespace}-${metadata.name}-${hash}`, pem }, x509 };
}

function parsed<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch {
    throw new Error(`its ${what} cannot be read`);
  }
}

/**
 * The certificate that an Ingress names for a host. `host` stands in the list of a tls entry, or no list has it and the certificate
 * itself does; an entry without hosts is for all, also for the rules without a host.
 *
 * @returns undefined where the default certificate serves
 */
export function certificateFor(
  host: string,
  ingress: Ingress,
  secretOf: (key: string) => Secret | undefined,
  report: (problem: Problem) => void,
): Certificate | undefined {
  const entries = asArray(ingress.spec?.tls).filter((one) => typeof one?.secretName === 'string');
  const namespace = ingress.metadata.namespace ?? '';
  const read = (secretName: string): Read | undefined => {
    const secret = secretOf(`${namespace}/${secretName}`);
    const name = `${namespace}/${secretName}`;
    if (!secret) {
      report({ ingress, reason: 'SecretNotFound', message: `secret ${name} for TLS does not exist` });
      return undefined;
    }
    try {
      return readCertificate(secret);
    } catch (error) {
      const message = `secret ${name} is of no use for TLS: ${(error as Error).message}`;
      report({ ingress, reason: 'InvalidSecret', message });
      return undefined;
    }
  };
  const covers = ({ x509 }: Read) =>
    host !== ANY_HOST &&
    x509.checkHost(host.replace(/^\*/, 'wildcard'), { subject: 'default' }) !== undefined;

  const listed = entries.find(({ hosts }) => asArray(hosts).includes(host));
  const forAll = entries.find(({ hosts }) => asArray(hosts).length === 0);
  const named = listed ?? forAll;
  if (named) {
    const found = read(named.secretName ?? '');
    if (!found) return undefined;
    if (host === ANY_HOST || covers(found)) return found.certificate;
    const message = `the certificate of secret ${namespace}/${named.secretName} is not for ${host}; the default one is used`;
    report({ ingress, reason: 'InvalidSecret', message });
    return undefined;
  }
  for (const { secretName = '' } of entries) {
    const found = read(secretName);
    if (found && covers(found)) return found.certificate;
  }
  return undefined;
}
