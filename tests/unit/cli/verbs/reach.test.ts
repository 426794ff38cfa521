import { afterEach, beforeEach, expect, test } from 'vitest';
import { RpcFailure } from '../../../../src/protocol/errors.ts';
import { agentIdSchema, sessionIdSchema } from '../../../../src/protocol/ids.ts';
import type { Reach } from '../../../../src/protocol/reach.ts';
import { deviceIdSchema } from '../../../../src/protocol/relay.ts';
import { CliBench } from '../run-cli.ts';

const AT = Date.parse('2026-11-21T08:00:00.000Z');
const before = (ms: number) => new Date(AT - ms).toISOString();
const device = (byte: number) => deviceIdSchema.parse(Buffer.alloc(16, byte).toString('base64url'));
const session = (letter: string) => sessionIdSchema.parse(`s_${letter.repeat(12)}`);
const agent = agentIdSchema.parse('demo');

let bench: CliBench;
beforeEach(async () => {
  bench = new CliBench();
  await bench.up();
});
afterEach(async () => await bench.down());

function found(change: Partial<Reach>): void {
  bench.host.attention.reach = { ...bench.host.attention.reach, ...change };
}

test('reach is the contract, with all that the host tells beside it', async () => {
  const { code, value } = await bench.json('reach');
  expect([code, value, Object.keys(value as object).slice(0, 3)]).toEqual([
    0,
    bench.host.attention.reach,
    ['relay', 'devices', 'sessions'],
  ]);
});

test('each leg stands by itself, with its age, and with what to do where it is stuck', async () => {
  const pulse = { since: before(240_000), heardAt: before(250_000) };
  found({
    relay: {
      url: 'https://r.example/x',
      own: false,
      ok: true,
      ms: 41,
      heardAgoSec: 3,
      problem: null,
    },
    devices: [
      {
        ...{ id: device(1), name: 'Pixel 9\u001b[2J', role: 'operator', online: true, ms: 1_240 },
        ...{ lastSeenAt: before(1_000), push: 'on' },
      },
      {
        ...{ id: device(2), name: 'Tablet', role: 'viewer', online: false, ms: null },
        ...{ lastSeenAt: before(3_600_000), push: 'failing' },
      },
    ],
    sessions: [
      {
        ...{ id: session('a'), agent, title: 'Fix it', state: 'working', ms: 2 },
        pulse: { pulse: 'waitsForModel', ...pulse, because: 'Its model is slow.' },
      },
      {
        ...{ id: session('b'), agent, title: '', state: 'working', ms: null },
        pulse: { pulse: 'hangs', ...pulse, because: 'It does not answer.' },
      },
      {
        ...{ id: session('c'), agent, title: '', state: 'working', ms: 3 },
        pulse: { pulse: 'silent', ...pulse, because: '' },
      },
    ],
    service: { installed: false, kind: 'systemd' },
    note: { state: 'left', why: null, devices: 2, renewedAt: before(40_000) },
  });
  const { code, stdout } = await bench.run(['reach']);
  expect([code, stdout.split('\n').slice(1, -1)]).toEqual([
    0,
    [
      '',
      '      WHAT                           ANSWERED  HEARD      HOW IT STANDS',
      'ok    relay                          41 ms     3 s ago    r.example',
      'ok    Pixel 9‹U+001B›[2J (operator)  1.2 s     now        online; is told by push',
      'DOWN  Tablet (viewer)                          1 h ago    away; push FAILS: porchlight notify',
      'ok    s_aaaaaaaaaaaa demo            2 ms      4 min ago  waits for its model for 4 min: Its model is slow. · Fix it',
      'DOWN  s_bbbbbbbbbbbb demo                      4 min ago  HANGS for 4 min: It does not answer.',
      'ok    s_cccccccccccc demo            3 ms      4 min ago  silent for 4 min',
      '',
      'Service: not installed; after a reboot nobody can be reached until somebody starts the host here: porchlight service install',
      'Note of silence: left with the relay for 2 devices, renewed 40 s ago.',
      's_bbbbbbbbbbbb hangs: porchlight cancel s_bbbbbbbbbbbb asks it to end its turn, porchlight restart s_bbbbbbbbbbbb ends its agent and brings it back.',
      's_cccccccccccc is silent: porchlight cancel s_cccccccccccc asks it to end its turn, porchlight restart s_cccccccccccc ends its agent and brings it back.',
    ],
  ]);
});

test('what is down is said, and that it was probed is no failure', async () => {
  const problem = 'It did not answer within 6 s.';
  found({
    relay: { url: 'https://r.example', own: false, ok: false, ms: null, heardAgoSec: 90, problem },
    note: { state: 'unavailable', why: 'The relay is away.', devices: 0, renewedAt: null },
  });
  const { code, stdout } = await bench.run(['reach']);
  expect([
    code,
    stdout.includes(`DOWN  relay            1 min ago  r.example: ${problem}\n`),
    stdout.includes('Note of silence: unavailable: The relay is away.\n'),
    stdout.includes('porchlight pair'),
  ]).toEqual([0, true, true, true]);
});

test('an agent is restarted by the beginning of its session', async () => {
  const id = bench.host.addSession();
  const [person, program] = [
    await bench.run(['restart', id.slice(2)]),
    await bench.json('restart', id),
  ];
  expect([person.code, person.stdout, program.value]).toEqual([
    0,
    `${id} has its agent anew; it is idle.\n`,
    { state: 'idle' },
  ]);
  const asked = bench.host.calls.filter(({ method }) => method === 'session.restart');
  expect(asked.map(({ params }) => params)).toEqual([
    { sessionId: id, commandId: '01920000-0000-7000-8000-000000000001' },
    { sessionId: id, commandId: '01920000-0000-7000-8000-000000000002' },
  ]);
});

test('a host that is older is to be brought to this version', async () => {
  const id = bench.host.addSession();
  const unknown = () => {
    throw new RpcFailure('methodNotFound', 'There is no such method.');
  };
  Object.assign(bench.host.handlers, { 'reach.probe': unknown, 'session.restart': unknown });
  const ran = [await bench.run(['reach', '--json']), await bench.run(['restart', id, '--json'])];
  expect(
    ran.map(({ code, stdout, stderr }) => [code, stdout, stderr.includes('host restart')]),
  ).toEqual([
    [1, '', true],
    [1, '', true],
  ]);
});

test('told to start no host, reach exits 3 without one', async () => {
  const alone = new CliBench();
  try {
    expect((await alone.run(['reach', '--no-start', '--json'])).code).toBe(3);
  } finally {
    await alone.down();
  }
});
