import { createHash } from 'node:crypto';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lineLog, withoutIds } from '../../../src/relay/log.ts';

test('a line is JSON, and holds no id, key or sealed bytes, whatever the words of an error are', () => {
  const folder = mkdtempSync(join(tmpdir(), 'relay-log-'));
  const file = join(folder, 'log');
  const log = lineLog(openSync(file, 'w'), () => new Date(0));
  const secrets = Array.from({ length: 2_000 }, (_, n) =>
    randomText(n, [12, 16, 32, 64, 65, 300][n % 6] ?? 16),
  );
  for (const secret of secrets) {
    log.error({ err: `Permissions Violation for "porchlight.seek.${secret}"` }, 'NATS refuses');
    log.warn({ problem: `no stream matches ${secret}`, count: 1 }, 'mail not kept');
  }
  const text = readFileSync(file, 'utf8');
  rmSync(folder, { recursive: true });
  expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
  expect(JSON.parse(text.split('\n')[1] ?? '')).toEqual({
    time: '1970-01-01T00:00:00.000Z',
    level: 'warn',
    problem: 'no stream matches …',
    count: 1,
    message: 'mail not kept',
  });
});

test('what an operator has to read stays as it is', () => {
  const words = [
    'connect ECONNREFUSED 10.0.0.1:4222',
    "ENOENT: no such file or directory, open '/var/lib/porchlight-relay/notes.journal'",
    'getaddrinfo EAI_AGAIN nats.example.org',
    'PORCHLIGHT_RELAY_MAX_CONECTIONS is no setting (--help lists them)',
    'Error: x\n    at Reception.receive (file:///opt/porchlight/relay/main.js:1:2)',
    'the version is 2.9.10: use 2.12.0 or newer, with "sync_interval: always"',
  ];
  expect(words.map(withoutIds)).toEqual(words);
});

/** The same ones each time: one in millions is a plain word. */
function randomText(seed: number, length: number): string {
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, n) =>
    createHash('sha256').update(`${seed} ${n}`).digest(),
  );
  return Buffer.concat(blocks).subarray(0, length).toString('base64url');
}
