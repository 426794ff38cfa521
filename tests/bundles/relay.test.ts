import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const dist = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), 'dist');
const relay = readFileSync(join(dist, 'relay', 'main.js'), 'utf8');

test('the relay is one file that loads nothing but Node', () => {
  const loaded = [...relay.matchAll(/^import .*?from ["']([^"']+)["']/gm)].map(([, name]) => name);
  expect(loaded.filter((name) => !/^(?:node:)?[a-z\d_/]+$/.test(String(name)))).toEqual([]);
  // Of which the client of NATS is more than half.
  expect(relay.length).toBeLessThan(1_200 * 1024);
});

test('the relay holds nothing that could open what it carries', () => {
  const found = [
    ...[/createDecipher/i, /createCipher/i, /diffieHellman/i, /createECDH/i, /chacha20/i],
    ...[/\bx25519\b/i, /libsodium/i, /@noble/i, /Noise_/, /\bhkdf\b/i, /createPrivateKey/],
    ...[/porchlight pairing/, /session\.prompt/],
  ].filter((word) => word.test(relay));
  expect(found).toEqual([]);
});
