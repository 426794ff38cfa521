import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RpcFailure } from '../../../../src/protocol/errors.ts';
import type { EventBody } from '../../../../src/protocol/session/events.ts';
import { CliBench } from '../run-cli.ts';

/** Above the highest pid that Linux gives out. */
const NOBODY = 4_194_305;

let bench: CliBench;
beforeEach(() => (bench = new CliBench()));
afterEach(async () => await bench.down());

function work(): string {
  const id = bench.host.addSession();
  bench.host.append(id, {
    type: 'turn.started',
    turn: 1,
    commandId: '01920000-0000-7000-8000-000000000009',
  } as EventBody);
  return id;
}

const stops = () => bench.host.calls.filter(({ method }) => method === 'host.stop');

describe('without a host', () => {
  it('status answers and exits 3', async () => {
    expect([await bench.json('host', 'status'), await bench.run(['host', 'status'])]).toEqual([
      { code: 3, value: { running: false }, stderr: '' },
      { code: 3, stdout: 'The host is not running.\n', stderr: '' },
    ]);
  });

  it('stop is done already', async () => {
    expect(await bench.json('host', 'stop')).toEqual({
      code: 0,
      value: { running: false },
      stderr: '',
    });
  });

  it.each([
    ['ls'],
    ['host start'],
    ['host restart'],
    ['show s_000000000001'],
    ['watch s_000000000001'],
    ['approvals'],
    ['agents'],
  ])('%s exits 3 with --no-start, wherever that stands', async (line) => {
    const words = line.split(' ');
    const ran = [
      await bench.run([...words, '--no-start', '--json']),
      await bench.run(['--no-start', ...words]),
    ];
    const expected = {
      code: 3,
      stdout: '',
      stderr: 'porchlight: The host is not running. Start it with: porchlight host start\n',
    };
    expect(ran).toEqual([expected, expected]);
  });
});

describe('with a host', () => {
  beforeEach(async () => {
    await bench.up();
    bench.host.status = { ...bench.host.status, pid: NOBODY, keeperPid: NOBODY };
  });

  it('start and status tell the same', async () => {
    const value = {
      running: true,
      pid: NOBODY,
      keeperPid: NOBODY,
      version: 'fake',
      protocol: 1,
      uptimeSec: 60,
      sessions: 0,
    };
    expect([await bench.json('host', 'start'), await bench.json('host', 'status')]).toEqual([
      { code: 0, value, stderr: '' },
      { code: 0, value, stderr: '' },
    ]);
  });

  it('stop ends everything and waits until the processes are gone', async () => {
    expect(await bench.json('host', 'stop')).toEqual({
      code: 0,
      value: { running: false },
      stderr: '',
    });
    expect(stops()).toEqual([{ method: 'host.stop', params: { all: true } }]);
  });

  it('stop refuses while a session works, with nobody to ask', async () => {
    const id = work();
    const ran = [
      await bench.run(['host', 'stop', '--json'], { interactive: true }),
      await bench.run(['host', 'stop']),
    ];
    const expected = {
      code: 1,
      stdout: '',
      stderr: `porchlight: 1 session is at work: ${id} (working). To end that all the same: porchlight host stop --force\n`,
    };
    expect([ran, stops()]).toEqual([[expected, expected], []]);
  });

  it.each([
    ['y\n', 0],
    ['n\n', 1],
    ['', 1],
  ])('stop asks a person: %j', async (said, code) => {
    work();
    const stdin = new PassThrough();
    stdin.end(said);
    const ran = await bench.run(['host', 'stop'], { interactive: true, stdin });
    expect([ran.code, stops().length]).toEqual([code, code === 0 ? 1 : 0]);
  });

  it('stop --force does not ask', async () => {
    work();
    expect([(await bench.json('host', 'stop', '--force')).code, stops().length]).toEqual([0, 1]);
  });

  it('stop copes with a host that goes before it has answered', async () => {
    bench.host.handlers['host.stop'] = async (_params, connection) => {
      connection.close('gone');
      return await new Promise(() => {});
    };
    expect(await bench.json('host', 'stop')).toEqual({
      code: 0,
      value: { running: false },
      stderr: '',
    });
  });

  it('restart leaves the keeper and waits for another host', async () => {
    bench.host.handlers['host.stop'] = (_params, connection) => {
      bench.host.status = { ...bench.host.status, pid: NOBODY + 1 };
      queueMicrotask(() => connection.close('restarting'));
      return {};
    };
    const { code, value } = await bench.json('host', 'restart');
    expect([code, (value as { pid: number }).pid, stops().length]).toEqual([0, NOBODY + 1, 1]);
    expect(stops()).toEqual([{ method: 'host.stop', params: { all: false } }]);
  });

  it('run refuses to be the second, naming the first', async () => {
    const ran = await bench.run(['host', 'run']);
    expect([ran.code, ran.stdout, ran.stderr.includes(`pid ${NOBODY}`)]).toEqual([1, '', true]);
  });

  it('a host of another version is told apart from none', async () => {
    bench.host.handlers.hello = () => {
      throw new RpcFailure('wrongVersion', 'This host speaks protocol 9.');
    };
    const [ls, stop] = [await bench.run(['ls']), await bench.run(['host', 'stop'])];
    expect([ls.code, ls.stderr, stop.code, stop.stderr.includes('--force')]).toEqual([
      1,
      'porchlight: This host speaks protocol 9. Bring both to the same version: porchlight host stop --force\n',
      1,
      true,
    ]);
  });

  it('a command is sent again, with the same id, to the host that comes next', async () => {
    const id = bench.host.addSession();
    const send = bench.host.handlers['session.send'];
    let first = true;
    bench.host.handlers['session.send'] = async (params, connection) => {
      if (!first) return await send(params, connection);
      first = false;
      connection.close('killed');
      return await new Promise(() => {});
    };
    const { code } = await bench.json('send', id, 'once');
    const sends = bench.host.calls.filter(({ method }) => method === 'session.send');
    expect([code, sends.length, sends[0]]).toEqual([0, 2, sends[1]]);
  });
});
