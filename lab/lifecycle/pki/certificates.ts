import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

type Key = webcrypto.CryptoKey;
type Keys = webcrypto.CryptoKeyPair;

x509.cryptoProvider.set(webcrypto as never);

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
/** A lab does not live as long as this; a certificate that ends while somebody learns would teach the wrong thing. */
const LIFETIME_MS = 10 * 365 * 24 * 3600 * 1000;

/** A certificate and its private key, PEM. */
export interface Pair {
  readonly cert: string;
  readonly key: string;
}

/** What a certificate is for. */
export interface Request {
  /** Common name, e.g. `kube-apiserver`. */
  readonly name: string;
  /** DNS names of subjectAltName. */
  readonly dns?: readonly string[];
  /** Addresses of subjectAltName. */
  readonly ips?: readonly string[];
}

async function pem(key: Key): Promise<string> {
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', key);
  return x509.PemConverter.encode(pkcs8, 'PRIVATE KEY');
}

const validity = () => ({
  // A clock that is a little behind must not refuse it.
  notBefore: new Date(Date.now() - 3600 * 1000),
  notAfter: new Date(Date.now() + LIFETIME_MS),
});

const newKeys = () => webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']) as Promise<Keys>;

/** Makes the lab's own certificate authority. */
export async function makeAuthority(name: string): Promise<Pair> {
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    keys,
    signingAlgorithm: ALGORITHM,
    ...validity(),
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    ],
  });
  return { cert: certificate.toString('pem'), key: await pem(keys.privateKey) };
}

/** Makes a server's certificate, signed by the authority. */
export async function issue(authority: Pair, request: Request): Promise<Pair> {
  const keys = await newKeys();
  const raw = x509.PemConverter.decodeFirst(authority.key);
  const signingKey = await webcrypto.subtle.importKey('pkcs8', raw, ALGORITHM, false, ['sign']);
  const certificate = await x509.X509CertificateGenerator.create({
    subject: `CN=${request.name}`,
    issuer: new x509.X509Certificate(authority.cert).subject,
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: ALGORITHM,
    ...validity(),
    extensions: [
      new x509.BasicConstraintsExtension(false),
      new x509.ExtendedKeyUsageExtension([
        x509.ExtendedKeyUsage.serverAuth,
        x509.ExtendedKeyUsage.clientAuth,
      ]),
      new x509.SubjectAlternativeNameExtension([
        ...(request.dns ?? []).map((value) => ({ type: 'dns' as const, value })),
        ...(request.ips ?? []).map((value) => ({ type: 'ip' as const, value })),
      ]),
    ],
  });
  return { cert: certificate.toString('pem'), key: await pem(keys.privateKey) };
}
