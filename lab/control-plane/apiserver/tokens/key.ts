import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** What signs the tokens of service accounts: P-256, for ES256. */
export interface SigningKey {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** `kid` of the tokens: base64url of the SHA-256 of the public key, as kube-apiserver makes it. */
  readonly id: string;
}

export function newSigningKey(): SigningKey {
  return signingKey(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
}

/**
 * Reads the key of a PEM file, or makes one there at the first start. Tokens in pods outlive the server, so the key must be
 * on disk before the first of them is signed.
 */
export function loadSigningKey(file: string): SigningKey {
  let pem: string;
  try {
    pem = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return create(file);
  }
  return signingKey(createPrivateKey(pem));
}

function create(file: string): SigningKey {
  const key = newSigningKey();
  mkdirSync(dirname(file), { recursive: true });
  const temporary = `${file}.new`;
  const handle = openSync(temporary, 'w', 0o600);
  writeSync(handle, key.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string);
  fsyncSync(handle);
  closeSync(handle);
  renameSync(temporary, file);
  return key;
}

function signingKey(privateKey: KeyObject): SigningKey {
  const publicKey = createPublicKey(privateKey);
  const der = publicKey.export({ type: 'spki', format: 'der' });
  return { privateKey, publicKey, id: createHash('sha256').update(der).digest('base64url') };
}
