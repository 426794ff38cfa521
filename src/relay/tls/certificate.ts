import { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';

/** Who this relay is to those who dial it by https: two PEM texts that belong together. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
  /** Of the first certificate of the chain, milliseconds since 1970. */
  readonly untilMs: number;
}

/** Throws in words, which hold nothing of the key. */
export function certificateOf(cert: string, key: string): Certificate {
  let first: X509Certificate;
  try {
    first = new X509Certificate(cert);
  } catch {
    throw new Error('the certificate is no PEM of an X.509 certificate');
  }
  if (!isKeyOf(cert, key))
    throw new Error('the key does not belong to the certificate, is no PEM, or has a passphrase');
  const untilMs = Date.parse(first.validTo);
  return { cert, key, untilMs };
}

function isKeyOf(cert: string, key: string): boolean {
  // An empty one is passed over without a word.
  if (!key.includes('PRIVATE KEY')) return false;
  try {
    createSecureContext({ cert, key });
    return true;
  } catch {
    return false;
  }
}
