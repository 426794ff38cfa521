import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { silentLogger, type Logger } from '../../../src/base/log.ts';
import { systemClock } from '../../../src/relay/clock.ts';
import { NatsBus } from '../../../src/relay/cluster/nats-bus.ts';
import { NatsLink } from '../../../src/relay/cluster/nats-link.ts';
import type { ClusterSettings } from '../../../src/relay/cluster/settings.ts';
import { OldNatsServer } from '../../fakes/old-nats-server.ts';
import { NatsOperator } from '../../support/nats-creds.ts';
import { natsSettings } from '../../support/nats-settings.ts';
import { isWithoutNats, NatsUnderTest, type NatsOptions } from '../../support/nats-under-test.ts';
import { eventually } from '../../support/test-bus.ts';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

function open(settings: ClusterSettings, log: Logger = silentLogger): NatsLink {
  // The first of the servers is dialled first.
  const link = NatsLink.open(settings, { clock: systemClock, random: () => 0, log });
  ends.push(async () => await link.close());
  return link;
}

async function start(options: NatsOptions = {}): Promise<NatsUnderTest> {
  const nats = await NatsUnderTest.start(options);
  ends.push(async () => await nats.stop());
  return nats;
}

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'porchlight-link-'));
  ends.push(async () => await rm(folder, { recursive: true, force: true }));
  return folder;
}

/** How the last of the next so many dials went. */
const outcome = async (link: NatsLink, dials = 1): Promise<string> => {
  const { failedDials } = link.figures();
  return await eventually('outcome', async () => {
    if (link.connection !== null) return await Promise.resolve('up');
    return link.figures().failedDials >= failedDials + dials ? link.problem : null;
  });
};

describe.skipIf(isWithoutNats())('the link with NATS', () => {
  test('a server that is killed costs a moment: the next one is dialled at once, and heard from', async () => {
    const nats = await start({ size: 3 });
    const link = open(natsSettings(nats.urls));
    const bus = new NatsBus(link, silentLogger);
    const other = new NatsBus(open(natsSettings(nats.urls.slice(2))), silentLogger);
    await Promise.all([link.up(5_000), eventually('other', async () => other.isUp || null)]);
    const heard: number[] = [];
    bus.subscribe('s', () => void heard.push(performance.now()));
    const talking = setInterval(() => other.publish('s', new Uint8Array(1)), 2);
    ends.push(async () => clearInterval(talking));
    await eventually('what is said', async () => heard.length > 50);
    const killedMs = performance.now();
    await nats.server.kill();
    await eventually('what is said later', async () => (heard.at(-1) ?? 0) > killedMs + 100);
    const gaps = heard.map((atMs, n) => atMs - (heard[n - 1] ?? atMs));
    // 500 ms is what may be; a machine that is busy with other tests has some room.
    expect(Math.max(...gaps)).toBeLessThan(500);
  });

  test('a server that falls silent is noticed within 5 s, also with much that is unsent, and another takes its place', async () => {
    const nats = await start();
    const other = await start();
    const [idle, busy] = [1, 2].map(() => open(natsSettings([nats.server.url, other.server.url])));
    if (idle === undefined || busy === undefined) throw new Error('there are two');
    const bus = new NatsBus(busy, silentLogger);
    await Promise.all([idle.up(5_000), busy.up(5_000)]);
    nats.server.pause();
    for (let n = 0; n < 40; n += 1) bus.publish('s', new Uint8Array(1_000_000));
    const unsent = bus.unsentBytes;
    const pausedMs = performance.now();
    for (const link of [idle, busy])
      await eventually('change', async () => link.figures().connects === 2);
    const noticedMs = performance.now() - pausedMs;
    expect([unsent > 0, noticedMs < 5_000, bus.isUp, bus.unsentBytes]).toEqual([
      ...[true, true, true],
      0,
    ]);
  });

  test('a server that is about to stop is left before it cuts anybody off', async () => {
    const nats = await start({
      config: 'lame_duck_duration: "30s"\nlame_duck_grace_period: "10s"',
    });
    const other = await start();
    const link = open(natsSettings([nats.server.url, other.server.url]));
    await link.up(5_000);
    // The signal for lame duck mode, as a rolling upgrade sends it.
    process.kill(nats.server.pid ?? 0, 'SIGUSR2');
    await eventually('move', async () => link.figures().connects === 2);
    expect([link.figures().isUp, nats.server.isRunning]).toEqual([true, true]);
  });

  test('TLS: by its authority, with a certificate of its own, and never without', async () => {
    const nats = await start({ tls: 'mutual' });
    const { caFile, clientCertFile, clientKeyFile } = nats.certificates ?? {};
    const good = {
      caFile: caFile ?? '',
      certFile: clientCertFile ?? '',
      keyFile: clientKeyFile ?? '',
    };
    const plain = await start();
    const over = async (servers: readonly string[], change: Partial<ClusterSettings>) =>
      (await outcome(open(natsSettings(servers, change)))).replaceAll(/:\d+|\(.*\)/g, '');
    expect([
      await over(nats.urls, good),
      await over(nats.urls, { ...good, caFile: null }),
      await over(nats.urls, { caFile: good.caFile }),
      await over([plain.server.url.replace('nats:', 'tls:')], { caFile: good.caFile }),
    ]).toEqual([
      'up',
      'NATS at tls://127.0.0.1: its certificate is not believed : which authority signed it? See --nats-ca.',
      'NATS at tls://127.0.0.1: TLS fails : does it want a certificate of this relay? See --nats-cert.',
      "NATS at tls://127.0.0.1: server does not support 'tls'.",
    ]);
  });

  test('name and password come from files, which are read anew each time', async () => {
    const folder = await makeFolder();
    const [userFile, passwordFile] = [join(folder, 'user'), join(folder, 'password')];
    await writeFile(userFile, 'relay\n');
    await writeFile(passwordFile, 'wrong');
    const nats = await start({ user: { name: 'relay', password: 'pass "word"' } });
    const link = open(natsSettings(nats.urls, { userFile, passwordFile }));
    const early = await outcome(link);
    await writeFile(passwordFile, 'pass "word"\r\n');
    await link.up(5_000);
    expect([early, await outcome(link)]).toEqual([
      `NATS at ${nats.server.url}: it does not let this relay in: are the name and password, or the creds file, right?`,
      'up',
    ]);
  });

  test('a creds file as nsc writes it lets in, one that was forged does not, and a new one is taken', async () => {
    const folder = await makeFolder();
    const operator = new NatsOperator();
    const nats = await start({ config: operator.config });
    const credsFile = await operator.writeCreds(folder, { isForged: true });
    const link = open(natsSettings(nats.urls, { credsFile }));
    const early = await outcome(link);
    await operator.writeCreds(folder);
    await link.up(5_000);
    expect([early, await outcome(link)]).toEqual([
      `NATS at ${nats.server.url}: it does not let this relay in: are the name and password, or the creds file, right?`,
      'up',
    ]);
  });
});

describe('a server that will not do', () => {
  test('is refused in words, and is asked again until it will', async () => {
    const old = await OldNatsServer.start({ version: '2.8.4' });
    ends.push(async () => await old.stop());
    const link = open(natsSettings([old.url]));
    const problems = [await outcome(link)];
    old.info = { version: '2.12.1', max_payload: 65_536 };
    problems.push(await outcome(link, 2));
    old.info = { version: '2.12.1' };
    await link.up(5_000);
    problems.push(await outcome(link));
    expect([problems, link.figures().isRisky]).toEqual([
      [
        `NATS at ${old.url}: it is NATS 2.8.4, and 2.9.0 is the oldest that will do: use 2.12.0 or newer.`,
        `NATS at ${old.url}: it takes messages of 65536 bytes at most, and 1047552 are needed: raise its max_payload to 1MB.`,
        'up',
      ],
      false,
    ]);
  });

  test('is refused too when it is met after another one, and one that is risky is warned of', async () => {
    const good = await OldNatsServer.start({ version: '2.12.0' });
    const old = await OldNatsServer.start({ version: '2.7.0' });
    const risky = await OldNatsServer.start({ version: '2.10.1' });
    ends.push(async () => void (await Promise.all([old.stop(), risky.stop()])));
    const warnings: string[] = [];
    const warn = (_: object, message: string): void => void warnings.push(message);
    const link = open(natsSettings([good.url, old.url, risky.url]), { ...silentLogger, warn });
    await link.up(5_000);
    const before = link.figures();
    await good.stop();
    await eventually('another', async () => link.figures().connects === 2);
    expect([
      [before.version, before.isRisky],
      [link.figures().version, link.figures().isRisky],
      old.connects,
      warnings,
    ]).toEqual([
      ['2.12.0', false],
      ['2.10.1', true],
      1,
      ['the connection with NATS is lost', 'this version of NATS is not to be relied on'],
    ]);
  });

  test('leaves no connection open where it hangs', async () => {
    const hung = await OldNatsServer.start(null);
    ends.push(async () => await hung.stop());
    const said = await outcome(open(natsSettings([hung.url])));
    // The next attempt may have begun.
    expect([said, hung.open < 2]).toEqual([
      `NATS at ${hung.url}: it does not answer: does it hang?`,
      true,
    ]);
    await eventually('end of it', async () => hung.open === 0 || null);
  });

  test('settings with which nothing could be dialled are refused at once', async () => {
    const folder = await makeFolder();
    const file = join(folder, 'file');
    await writeFile(file, 'not creds');
    await writeFile(join(folder, 'empty'), '\n');
    const servers = ['nats://127.0.0.1:4222'];
    const problemOf = (given: readonly string[], change: Partial<ClusterSettings> = {}): string => {
      try {
        open(natsSettings(given, change));
        return 'opened';
      } catch (error) {
        return error instanceof Error ? error.message.replaceAll(folder, '') : String(error);
      }
    };
    expect([
      problemOf([]),
      problemOf(['http://127.0.0.1:4222']),
      problemOf(['nats://relay:secret@127.0.0.1:4222']),
      problemOf(servers, { prefix: 'a.b' }),
      problemOf(servers, { credsFile: file }),
      problemOf(servers, { userFile: join(folder, 'empty'), passwordFile: file }),
      problemOf(servers, { caFile: join(folder, 'none') }),
    ]).toEqual([
      'No NATS server is named: use --nats nats://HOST:PORT.',
      'A NATS server is named as nats://HOST:PORT or tls://HOST:PORT.',
      'The URL of NATS at 127.0.0.1:4222 has a name or password in it, where others can read it: use --nats-user-file and --nats-password-file.',
      'The prefix "a.b" is not 1 to 32 of A-Z, a-z, 0-9, _ and -.',
      '/file is not a creds file of NATS, as nsc writes it.',
      '/empty is empty.',
      "/none cannot be read: ENOENT: no such file or directory, open '/none'",
    ]);
  });
});
