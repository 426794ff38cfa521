import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { RELAY_PATH, RELAY_SUBPROTOCOL } from '../../../src/protocol/relay.ts';
import { exposition } from '../../../src/relay/metrics/exposition.ts';
import { CertificateFiles } from '../../../src/relay/tls/certificate-files.ts';
import { RelayClock } from '../../support/relay-clock.ts';
import { makeCertificates, type Certificates } from '../../support/nats-certificates.ts';
import { relayHere } from '../../support/relay-under-test.ts';

let folder: string;
let first: Certificates;
let second: Certificates;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'relay-tls-'));
  first = await makeCertificates(join(folder, 'first'));
  second = await makeCertificates(join(folder, 'second'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const settings = () => ({ certFile: join(folder, 'now.pem'), keyFile: join(folder, 'now.key') });
function put({ certFile, keyFile }: Pick<Certificates, 'certFile' | 'keyFile'>): void {
  copyFileSync(certFile, settings().certFile);
  copyFileSync(keyFile, settings().keyFile);
}
beforeEach(() => put(first));

async function opened() {
  const clock = new RelayClock();
  const log: string[] = [];
  const say = (level: string) => (fields: object, message: string) =>
    void log.push(`${level} ${message} ${JSON.stringify(fields)}`);
  const certificate = await CertificateFiles.open(settings(), {
    clock,
    wallMs: Date.now,
    log: { debug() {}, info: say('info'), warn: say('warn'), error: say('error') },
  });
  return { clock, log, certificate };
}

/** Whose certificate a new connection sees, `null` where it does not trust it. */
async function seenBy(authority: string, { caFile }: Certificates): Promise<string | null> {
  const [host = '', port] = authority.split(':');
  return await new Promise((resolve) => {
    const socket = connect({ host, port: Number(port), ca: readFileSync(caFile) }, () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.end();
    });
    socket.on('error', () => resolve(null));
  });
}

test('a certificate that is replaced is used for who comes from then on; nobody is cut', async () => {
  const { log, certificate } = await opened();
  const { url, authority, stop } = await relayHere({ certificate });
  const ws = new WebSocket(`wss://${authority}${RELAY_PATH}`, RELAY_SUBPROTOCOL, {
    ca: readFileSync(first.caFile),
  });
  const said: string[] = [];
  ws.on('message', (data: Buffer) => said.push(data.toString()));
  await expect.poll(() => said.length).toBe(1);
  const before = [await seenBy(authority, first), await seenBy(authority, second)];
  put(second);
  await certificate.reload();
  const after = [await seenBy(authority, first), await seenBy(authority, second)];
  expect([url.startsWith('https://'), before, after]).toEqual([
    true,
    [expect.any(String), null],
    [null, expect.any(String)],
  ]);
  // Still spoken with.
  ws.send('nonsense');
  await expect.poll(() => said.at(-1)).toContain('refused');
  expect(log.filter((line) => line.startsWith('error'))).toEqual([]);
  await stop();
});

test('files that were replaced are found by looking; half of them new is waited for', async () => {
  const { clock, log, certificate } = await opened();
  const changed = new Promise<void>((resolve) => void certificate.changes.on(() => resolve()));
  copyFileSync(second.certFile, settings().certFile);
  clock.pass(10_000);
  // The reading is real.
  await expect.poll(() => reloads(certificate), { timeout: 2_000 }).toEqual(['0', '0']);
  copyFileSync(second.keyFile, settings().keyFile);
  await certificate.reload();
  clock.pass(10_000);
  await changed;
  expect([reloads(certificate), log.filter((line) => line.startsWith('error'))]).toEqual([
    ['1', '0'],
    [],
  ]);
  certificate.close();
});

test('what cannot be used leaves the old one in place, is told once, and shows nothing of the key', async () => {
  const { log, certificate } = await opened();
  const old = certificate.current;
  const secret = readFileSync(second.keyFile, 'utf8');
  for (const key of [secret, secret.slice(0, 60), '']) {
    writeFileSync(settings().keyFile, key);
    for (let n = 0; n < 3; n += 1) await certificate.reload();
  }
  rmSync(settings().certFile);
  await certificate.reload();
  expect([certificate.current === old, reloads(certificate)[0]]).toEqual([true, '0']);
  const errors = log.filter((line) => line.includes('the old one stays'));
  expect(errors.map((line) => /the key does not|ENOENT/.exec(line)?.[0])).toEqual([
    'the key does not',
    'ENOENT',
  ]);
  const lines = secret.split('\n').filter((line) => line.length > 20 && !line.includes('---'));
  expect(lines.filter((line) => log.join('\n').includes(line.slice(0, 20)))).toEqual([]);
  put(second);
  await certificate.reload();
  expect([certificate.current === old, reloads(certificate)[0]]).toEqual([false, '1']);
  certificate.close();
});

test('at the start it is said what is wrong', async () => {
  writeFileSync(settings().certFile, 'nonsense');
  await expect(opened()).rejects.toThrow('no PEM of an X.509 certificate');
  copyFileSync(second.certFile, settings().certFile);
  await expect(opened()).rejects.toThrow('does not belong to the certificate');
});

test('metrics of a relay that is its own door are for its own machine, or where its status is', async () => {
  const { certificate } = await opened();
  const { relay, authority, stop } = await relayHere({ certificate });
  const ca = readFileSync(first.caFile);
  const statusOf = async (path: string): Promise<number> =>
    await new Promise((resolve, reject) => {
      const asked = request(`https://${authority}${path}`, { ca, agent: false }, (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      });
      asked.on('error', reject).end();
    });
  const before = [await statusOf('/metrics'), await statusOf('/readyz')];
  const status = await relay.listenForStatus({ host: '127.0.0.1', port: 0 });
  const after = [await statusOf('/metrics'), await statusOf('/readyz')];
  const there = await Promise.all(
    ['/metrics', '/readyz', '/healthz', '/', '/v1/poll'].map(
      async (path) => (await fetch(`${status}${path}`)).status,
    ),
  );
  expect([before, after, there]).toEqual([
    [200, 200],
    [404, 200],
    [200, 200, 200, 404, 404],
  ]);
  await stop();
});

function reloads(certificate: CertificateFiles): string[] {
  const text = exposition(certificate.families());
  return ['done', 'failed'].map(
    (outcome) =>
      new RegExp(`tls_reloads_total\\{outcome="${outcome}"\\} (\\d+)`).exec(text)?.[1] ?? '',
  );
}
