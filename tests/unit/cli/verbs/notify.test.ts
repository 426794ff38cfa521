import { writeFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  DEFAULT_NOTIFY_POLICY,
  type AttentionItem,
  type NotifyChannels,
  type NotifyPlace,
} from '../../../../src/protocol/attention.ts';
import { RpcFailure } from '../../../../src/protocol/errors.ts';
import { sessionIdSchema } from '../../../../src/protocol/ids.ts';
import { deviceIdSchema } from '../../../../src/protocol/relay.ts';
import { CliBench, NOW } from '../run-cli.ts';

let bench: CliBench;
beforeEach(async () => {
  bench = new CliBench();
  await bench.up();
});
afterEach(async () => await bench.down());

const before = (ms: number) => new Date(NOW - ms).toISOString();
const id = deviceIdSchema.parse(Buffer.alloc(16, 1).toString('base64url'));
const place = (given: Partial<NotifyPlace>): NotifyPlace => ({
  ...{ place: 'ntfy', kind: 'ntfy', name: 'ntfy.sh', state: 'on', lastAt: null, problem: null },
  ...given,
});
const phone = place({
  ...{ place: `device:${id}`, kind: 'push', name: 'Pixel 9\u001b[2J', device: id },
  ...{ state: 'failing', lastAt: before(3_600_000), problem: 'fcm.googleapis.com answers 410.' },
});
const item: AttentionItem = {
  ...{ id: 'a_1', kind: 'decision', sessionId: sessionIdSchema.parse('s_aaaaaaaaaaaa') },
  ...{ title: 'Fix it', text: 'Asks to run: npm test', since: before(90_000), seenAt: null },
  told: [
    { place: `device:${id}`, at: before(80_000), outcome: 'failed', problem: 'Gone.' },
    { place: 'ntfy', at: before(40_000), outcome: 'handed' },
  ],
};

const configure = (notify: Partial<NotifyChannels>) =>
  writeFileSync(bench.home.config, JSON.stringify({ notify }));
const told = (method: string) =>
  bench.host.calls
    .filter((call) => call.method === method)
    .map(({ params }) => {
      const { commandId: _, ...rest } = params as { commandId?: string };
      return rest;
    });
const stdin = (text: string) => ({ stdin: Readable.from([text]) });

describe('notify', () => {
  it('is all that the host tells, and what asks for a person', async () => {
    bench.host.attention.notify = { ...bench.host.attention.notify, places: [phone] };
    bench.host.attention.now = { items: [item], quietUntil: null };
    const { policy, places, note, quietUntil } = bench.host.attention.notify;
    expect(await bench.json('notify')).toEqual({
      code: 0,
      value: { policy, places, note, quietUntil, items: [item] },
      stderr: '',
    });
  });

  it('says it on one page', async () => {
    const until = before(-3_600_000);
    const kinds = { ...DEFAULT_NOTIFY_POLICY.kinds, finished: false };
    bench.host.attention.notify = {
      policy: { ...DEFAULT_NOTIFY_POLICY, kinds, quietExcept: ['decision', 'machine'] },
      places: [phone, place({ lastAt: before(40_000) })],
      note: { state: 'unavailable', why: 'The relay runs here.', devices: 0, renewedAt: null },
      quietUntil: until,
      allowHosts: ['nas.local'],
    };
    bench.host.attention.now = { items: [item], quietUntil: until };
    const { stdout } = await bench.run(['notify']);
    expect(stdout.split('\n')).toEqual([
      'ASKS      SINCE      TOLD                   SESSION         WHAT',
      'decision  1 min ago  device (failed), ntfy  s_aaaaaaaaaaaa  Fix it: Asks to run: npm test',
      '',
      'PLACE               BY       STATE    LAST TOLD  PROBLEM',
      'Pixel 9‹U+001B›[2J  push     FAILING  1 h ago    fcm.googleapis.com answers 410.',
      'ntfy                ntfy.sh  on       40 s ago',
      '',
      `Quiet hours until ${new Date(until).toTimeString().slice(0, 5)}: only decision and machine is told of; the rest waits.`,
      'Note of silence: unavailable: The relay runs here.',
      'Not told at all: finished.',
      'May be private, and plain http: nas.local',
      'When and how: porchlight notify policy',
      '',
    ]);
  });

  it('says how to be told elsewhere where nobody is', async () => {
    const { stdout } = await bench.run(['notify']);
    expect([stdout.includes('Nothing asks for you.'), stdout.includes('porchlight pair')]).toEqual([
      true,
      true,
    ]);
  });

  it('is to be had of a newer host only', async () => {
    bench.host.handlers['notify.state'] = () => {
      throw new RpcFailure('methodNotFound', 'There is no method notify.state.');
    };
    const { code, stderr } = await bench.run(['notify']);
    expect([code, stderr.includes('porchlight host restart')]).toEqual([1, true]);
  });
});

describe('notify policy', () => {
  it('is shown as it can be typed', async () => {
    const { stdout } = await bench.run(['notify', 'policy']);
    const rows = stdout.trim().split('\n').slice(1);
    const words = rows.map((row) => row.split(/ {2,}/u).slice(0, 2).join('='));
    expect([words, (await bench.json('notify', 'policy', ...words)).value]).toEqual([
      [
        ...['decision=on', 'question=on', 'machine=on', 'failed=on', 'parked=on', 'finished=on'],
        ...['seenSec=30s', 'repeatSec=5m', 'repeats=3', 'quietHours=none', 'quietExcept=none'],
        ...['digestFrom=3', 'digestSec=10s', 'desktop=on', 'silenceMinutes=5m'],
      ],
      DEFAULT_NOTIFY_POLICY,
    ]);
  });

  it('changes the keys that are given, and switches one kind without the others', async () => {
    const kinds = { ...DEFAULT_NOTIFY_POLICY.kinds, parked: false };
    bench.host.attention.notify.policy = { ...DEFAULT_NOTIFY_POLICY, kinds };
    const words = ['finished=off', 'seenSec=2m', 'quietHours=23:00-6:30'];
    const more = ['quietExcept=decision,machine', 'repeats=never', 'silenceMinutes=0'];
    const { code, value } = await bench.json('notify', 'policy', ...words, ...more);
    const change = {
      kinds: { ...kinds, finished: false },
      seenSec: 120,
      quietHours: { from: '23:00', to: '06:30' },
      quietExcept: ['decision', 'machine'],
      repeats: 0,
      silenceMinutes: 0,
    };
    expect([code, value, told('notify.setPolicy')]).toEqual([
      0,
      { ...DEFAULT_NOTIFY_POLICY, ...change },
      [{ policy: change }],
    ]);
  });

  it.each([
    ['finished=maybe', 'finished takes on or off, not maybe.'],
    ['seenSec=1', 'seenSec takes a time from 5s to 1h'],
    ['seenSec=2h', 'seenSec takes'],
    ['quietExcept=decision,naps', 'quietExcept takes kinds'],
    ['quietHours=25:00-06:00', 'quietHours takes two times of day'],
    ['digestFrom=1', 'digestFrom takes a number from 2'],
    ['kinds={}', 'kinds={} is no setting'],
    ['seenSec', 'seenSec is no setting: write KEY=VALUE'],
    ['toString=1', 'toString=1 is no setting'],
  ])('%s is wrong usage, and nothing is asked for', async (word, words) => {
    const { code, stderr } = await bench.run(['notify', 'policy', word]);
    expect([code, stderr.includes(words), told('notify.setPolicy')]).toEqual([2, true, []]);
  });
});

describe('notify test', () => {
  beforeEach(() => {
    const off = place({ place: 'desktop', kind: 'desktop', name: 'this desktop', state: 'off' });
    bench.host.attention.notify = {
      ...bench.host.attention.notify,
      places: [phone, place({}), off],
    };
  });

  it('tells every place that is on, and fails where one could not be told', async () => {
    bench.host.handlers['notify.test'] = ({ place: which }) =>
      which === 'ntfy'
        ? { ok: true, status: 200, tookMs: 41.3, problem: null }
        : { ok: false, status: 410, tookMs: 90, problem: 'The subscription is gone.' };
    const { code, stdout } = await bench.run(['notify', 'test']);
    const json = await bench.json('notify', 'test', 'ntfy');
    expect([code, stdout.split('\n'), json]).toEqual([
      1,
      [
        'Pixel 9‹U+001B›[2J: FAILED after 90 ms (410): The subscription is gone.',
        'ntfy: handed over in 41 ms (200). Whether it is shown, look there.',
        '',
      ],
      {
        code: 0,
        stderr: '',
        value: [
          {
            place: 'ntfy',
            kind: 'ntfy',
            name: 'ntfy.sh',
            ok: true,
            status: 200,
            tookMs: 41.3,
            problem: null,
          },
        ],
      },
    ]);
  });

  it('knows a place by its name, and a device by its beginning or id', async () => {
    const codes = [];
    for (const words of [
      ['desktop'],
      ['pixel'],
      ['--device', 'pix'],
      ['--device', id],
      ['--device', 'ntfy'],
      ['nowhere'],
      ['ntfy', '--device', 'pix'],
    ])
      codes.push((await bench.run(['notify', 'test', ...words])).code);
    expect([codes, told('notify.test')]).toEqual([
      [0, 0, 0, 0, 1, 1, 2],
      [{ place: 'desktop' }, ...Array.from({ length: 3 }, () => ({ place: phone.place }))],
    ]);
  });

  it('says what to do where there is no place', async () => {
    bench.host.attention.notify = { ...bench.host.attention.notify, places: [] };
    const { code, stderr } = await bench.run(['notify', 'test']);
    expect([code, stderr.includes('porchlight notify ntfy')]).toEqual([1, true]);
  });
});

describe('notify ntfy and webhook', () => {
  const changes = () => told('notify.setChannels');
  const ntfy = ['notify', 'ntfy', '--url', 'https://ntfy.sh', '--topic', 'porch_1'];
  const hook = 'https://hooks.example/path-secret';

  it('takes server and topic, and a token from stdin, which is told nowhere', async () => {
    const plain = await bench.run(ntfy);
    const full = await bench.run(
      [...ntfy, '--token-stdin', '--detail', '--json'],
      stdin('tk_abc\n'),
    );
    const off = await bench.json('notify', 'ntfy', 'off');
    const server = { url: 'https://ntfy.sh', topic: 'porch_1' };
    expect([
      plain.code,
      plain.stdout.includes('notify test ntfy'),
      JSON.parse(full.stdout),
      off.value,
    ]).toEqual([
      0,
      true,
      { channel: 'ntfy', on: true, host: 'ntfy.sh', topic: 'porch_1', token: true, detail: true },
      { channel: 'ntfy', on: false },
    ]);
    expect(changes()).toEqual([
      { channels: { ntfy: server } },
      { channels: { ntfy: { ...server, token: 'tk_abc', detail: true } } },
      { channels: { ntfy: null } },
    ]);
  });

  it('keeps a token for the server that it was given for, and for no other', async () => {
    configure({ ntfy: { url: 'https://ntfy.sh', topic: 'old', token: 'tk_old' } });
    await bench.run(ntfy);
    await bench.run(['notify', 'ntfy', '--url', 'https://other.example', '--topic', 'porch_1']);
    expect(changes()).toEqual([
      { channels: { ntfy: { url: 'https://ntfy.sh', topic: 'porch_1', token: 'tk_old' } } },
      { channels: { ntfy: { url: 'https://other.example', topic: 'porch_1' } } },
    ]);
  });

  it('makes a secret and shows it once, or takes one from stdin', async () => {
    const made = await bench.json('notify', 'webhook', hook);
    const { secret } = made.value as { secret: string };
    const given = await bench.run(
      ['notify', 'webhook', hook, '--secret-stdin', '--json'],
      stdin('0123456789abcdef'),
    );
    const both = await bench.run(
      ['notify', 'webhook', '-', '--secret-stdin'],
      stdin(`${hook}\nfedcba9876543210\n`),
    );
    configure({ webhook: { url: hook, secret } });
    const again = await bench.run(['notify', 'webhook', hook, '--detail']);
    expect([
      secret.length,
      JSON.parse(given.stdout),
      both.code,
      again.stdout.includes(secret),
      again.stdout.includes('Its secret stays.'),
      [given, both, again].some(({ stdout }) => stdout.includes('path-secret')),
    ]).toEqual([
      43,
      { channel: 'webhook', on: true, host: 'hooks.example', detail: false },
      0,
      false,
      true,
      false,
    ]);
    expect(changes()).toEqual([
      { channels: { webhook: { url: hook, secret } } },
      { channels: { webhook: { url: hook, secret: '0123456789abcdef' } } },
      { channels: { webhook: { url: hook, secret: 'fedcba9876543210' } } },
      { channels: { webhook: { url: hook, secret, detail: true } } },
    ]);
  });

  it.each([
    [['ntfy'], 2],
    [['ntfy', '--url', 'https://ntfy.sh'], 2],
    [['ntfy', '--url', 'https://ntfy.sh', '--topic', 'a/b'], 2],
    [['ntfy', 'on'], 2],
    [['ntfy', 'off', '--detail'], 2],
    [['ntfy', '--url', 'http://ntfy.sh', '--topic', 'a'], 1],
    [['ntfy', '--url', 'https://192.168.1.5:8080', '--topic', 'a'], 1],
    [['webhook', 'https://user:pass@hooks.example'], 1],
    [['webhook', 'https://[::1]/x'], 1],
    [['webhook', 'nonsense'], 1],
    [['webhook', 'https://hooks.example', '--secret-stdin'], 2],
    [['allow'], 2],
    [['allow', 'https://nas.local'], 2],
    [['disallow', 'nas.local'], 1],
  ])('%j exits %i and changes nothing', async (words, code) => {
    const ran = await bench.run(['notify', ...words, '--json'], stdin('short'));
    expect([ran.code, ran.stdout, ran.stderr.length > 0, changes()]).toEqual([code, '', true, []]);
  });

  it('says what allows an address that is near, and takes it from then on', async () => {
    const near = ['notify', 'ntfy', '--url', 'http://nas.local:8080', '--topic', 'a'];
    const { stderr } = await bench.run(near);
    const allowed = await bench.json('notify', 'allow', 'NAS.local:8080', '192.168.1.5');
    configure({ allowHosts: ['nas.local:8080', '192.168.1.5'] });
    const taken = await bench.run(near);
    const left = await bench.json('notify', 'disallow', 'Nas.local:8080');
    expect([
      stderr.includes('porchlight notify allow nas.local:8080'),
      allowed.value,
      taken.code,
      left.value,
    ]).toEqual([
      true,
      { allowHosts: ['nas.local:8080', '192.168.1.5'] },
      0,
      { allowHosts: ['192.168.1.5'] },
    ]);
  });

  it('changes nothing over a config.json that cannot be read', async () => {
    writeFileSync(bench.home.config, '{"notify":{"allowHosts":7}}');
    const ran = await bench.run(['notify', 'allow', 'nas.local']);
    expect([ran.code, ran.stderr.includes(bench.home.config), changes()]).toEqual([1, true, []]);
  });
});
