import { PassThrough, Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RpcFailure } from '../../../../src/protocol/errors.ts';
import type { Device } from '../../../../src/protocol/devices.ts';
import type { PairState } from '../../../../src/protocol/pairing.ts';
import { deviceIdSchema } from '../../../../src/protocol/relay.ts';
import { CliBench, NOW } from '../run-cli.ts';

const URL_OF_CODE = `https://app.example/#p=${'A'.repeat(140)}`;
const device: Device = {
  id: deviceIdSchema.parse('AAcOFRwjKjE4P0ZNVFtiaQ'),
  name: 'Pixel 9',
  role: 'approver',
  pairedAt: '2026-11-21T08:00:00.000Z',
  lastSeenAt: null,
  online: false,
  connections: 0,
  via: 'relay',
};
const offered: PairState = {
  phase: 'offered',
  url: URL_OF_CODE,
  expiresAt: new Date(NOW + 120_000).toISOString(),
  role: 'approver',
  page: 'https://app.example/',
  relay: 'https://relay.example',
  lan: false,
};
const candidate: PairState = {
  phase: 'candidate',
  name: 'Pixel 9',
  digits: '012345',
  role: 'approver',
  expiresAt: offered.expiresAt,
};
const paired: PairState = { phase: 'paired', device };
const ended = (message: string): PairState => ({ phase: 'ended', why: 'refused', message });

let bench: CliBench;
beforeEach(async () => {
  bench = new CliBench();
  await bench.up();
});
afterEach(async () => await bench.down());

/** Answers the offer, then tells these states. */
function plays(...states: readonly PairState[]): void {
  bench.host.handlers['pair.offer'] = (_params, connection) => {
    connection.notify('pair.state', { state: offered });
    setImmediate(() => {
      for (const state of states) connection.notify('pair.state', { state });
    });
    return { state: offered };
  };
}

const calls = () =>
  bench.host.calls
    .filter(({ method }) => method.startsWith('pair.'))
    .map(({ method, params }) => [method, params]);

describe('pair', () => {
  it('prints the lines of the contract, and nothing else, with --json', async () => {
    plays(candidate, paired);
    const ran = await bench.run(['pair', '--json']);
    expect([
      ran.code,
      ran.stderr,
      ran.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ]).toEqual([
      0,
      '',
      [
        { offer: { url: URL_OF_CODE, expiresAt: offered.expiresAt } },
        { candidate: { name: 'Pixel 9', digits: '012345' } },
        { device: { id: device.id, name: 'Pixel 9', role: 'approver' } },
      ],
    ]);
  });

  it('hands role, relay and lan on', async () => {
    plays(paired);
    await bench.run([
      'pair',
      '--role',
      'viewer',
      '--relay',
      'https://r.example',
      '--lan',
      '--json',
    ]);
    expect(calls()).toEqual([
      ['pair.offer', { role: 'viewer', relay: 'https://r.example', lan: true }],
    ]);
  });

  it('shows a code of at most 80 columns, the link, who serves the page and what the role may', async () => {
    plays(paired);
    const { code, stdout } = await bench.run(['pair'], { columns: 80 });
    const plain = stdout.replaceAll(/\u001b\[[\d;]*m/gu, '');
    const widths = plain
      .split('\n')
      .filter((line) => /[█▀▄]/u.test(line))
      .map((line) => line.length);
    expect([code, Math.max(...widths) <= 80, widths.length > 20]).toEqual([0, true, true]);
    expect(plain).toContain(`\n${URL_OF_CODE}\n`);
    expect(plain).toContain(
      'The phone will run the page of https://app.example: you trust whoever serves it.',
    );
    expect(plain).toContain('paired as approver: it sees everything and answers approvals');
    // Its own colours on every line: it must be readable on a dark and on a light terminal.
    expect(stdout.split('\n')[0]).toMatch(/^\u001b\[38;5;16;48;5;231m.*\u001b\[0m$/u);
  });

  it('says that a narrow terminal cannot show the code, and gives the link', async () => {
    plays(paired);
    const { stdout } = await bench.run(['pair'], { columns: 40 });
    expect(stdout).toContain('too narrow for the QR code: 40 columns');
    expect(stdout).toContain(URL_OF_CODE);
  });

  it('without a terminal only prints, and waits for “pair confirm”', async () => {
    plays(candidate, paired);
    const { code, stdout } = await bench.run(['pair']);
    expect([
      code,
      stdout.includes('porchlight pair confirm 012345'),
      stdout.includes('y/N'),
    ]).toEqual([0, true, false]);
    expect(stdout.endsWith('Paired: Pixel 9, as approver. See: porchlight devices\n')).toBe(true);
    expect(stdout).not.toContain('\u001b');
  });

  it.each([
    ['y', 'pair.confirm', { digits: '012345', role: 'approver' }, 0],
    ['n', 'pair.refuse', {}, 1],
    ['', 'pair.refuse', {}, 1],
  ])('asks the person at a terminal: %j', async (said, method, params, code) => {
    plays(candidate);
    bench.host.handlers['pair.confirm'] = (_, connection) => {
      connection.notify('pair.state', { state: paired });
      return { device };
    };
    bench.host.handlers['pair.refuse'] = (_, connection) => {
      connection.notify('pair.state', { state: ended('The device was refused.') });
      return {};
    };
    const ran = await bench.run(['pair'], {
      interactive: true,
      columns: 80,
      stdin: Readable.from([`${said}\n`]),
    });
    expect([ran.code, calls().at(-1)]).toEqual([code, [method, params]]);
    expect(ran.stderr).toContain('Does it show 012 345? Pair it as approver? y/N');
    expect(ran.stdout).toContain('2:00 left');
  });

  it('stops asking when it is confirmed from another terminal meanwhile', async () => {
    plays(candidate, paired);
    const ran = await bench.run(['pair'], {
      interactive: true,
      columns: 80,
      stdin: new PassThrough(),
    });
    expect([ran.code, calls().length, ran.stdout.includes('Paired: Pixel 9')]).toEqual([
      0,
      1,
      true,
    ]);
  });

  it('ends with 1 and the reason when nothing was paired', async () => {
    plays(candidate, ended('On the phone the digits were said to differ.'));
    expect(await bench.run(['pair', '--json'])).toMatchObject({
      code: 1,
      stderr: 'porchlight: On the phone the digits were said to differ.\n',
    });
  });

  it('ends with 1 and the reason when no code can be made, with nothing on stdout', async () => {
    bench.host.handlers['pair.offer'] = () => {
      throw new RpcFailure('refused', 'There is a pause. Try again in 42 s.');
    };
    expect(await bench.run(['pair', '--json'])).toEqual({
      code: 1,
      stdout: '',
      stderr: 'porchlight: There is a pause. Try again in 42 s.\n',
    });
  });

  it('takes the code back on Ctrl-C, by leaving', async () => {
    let press = (): void => {};
    plays();
    const given = {
      onSignal: (stop: (signal: NodeJS.Signals) => void) => {
        press = () => stop('SIGINT');
        return () => {};
      },
    };
    const running = bench.run(['pair', '--json'], given);
    while (calls().length === 0) await new Promise((resolve) => setImmediate(resolve));
    press();
    expect(await running).toMatchObject({
      code: 1,
      stderr: 'porchlight: The code was taken back.\n',
    });
    while (bench.host.connections.size > 0) await new Promise((resolve) => setImmediate(resolve));
  });

  it('ends with 1 when the host goes away or another surface asks for a code', async () => {
    plays({ ...offered, url: 'https://app.example/#p=other' });
    const other = await bench.run(['pair', '--json']);
    bench.host.handlers['pair.offer'] = (_params, connection) => {
      setImmediate(() => connection.close('gone'));
      return { state: offered };
    };
    const gone = await bench.run(['pair', '--json']);
    expect([other.code, other.stderr, gone.code, gone.stderr]).toEqual([
      1,
      'porchlight: Another code was asked for, so this one is void.\n',
      1,
      'porchlight: The host went away, and the code with it. Start again: porchlight pair\n',
    ]);
  });

  it('shows no control characters of a hostile name', async () => {
    plays({ ...candidate, name: 'a\u001b[2Jb' }, paired);
    expect((await bench.run(['pair'])).stdout).toContain('“a‹U+001B›[2Jb” wants to be paired');
  });
});

describe('pair confirm and pair refuse', () => {
  it('give the device, in the role that was asked for', async () => {
    bench.host.handlers['pair.confirm'] = () => ({ device });
    expect(await bench.json('pair', 'confirm', '012 345', '--role', 'operator')).toEqual({
      code: 0,
      stderr: '',
      value: { device: { id: device.id, name: 'Pixel 9', role: 'approver' } },
    });
    expect(calls()).toEqual([['pair.confirm', { digits: '012345', role: 'operator' }]]);
  });

  it.each(['12345', '1234567', 'abcdef', '１２３４５６'])(
    'do not take %s for six digits',
    async (given) => {
      const { code, value } = await bench.json('pair', 'confirm', given);
      expect([code, value, calls()]).toEqual([2, undefined, []]);
    },
  );

  it('an unknown role is wrong usage', async () => {
    expect((await bench.run(['pair', '--role', 'owner'])).code).toBe(2);
  });

  it('tell why not', async () => {
    const { code, stdout, stderr } = await bench.run(['pair', 'confirm', '111111']);
    expect([code, stdout, stderr]).toEqual([
      1,
      '',
      'porchlight: The fake host does not do this.\n',
    ]);
  });

  it('refuse gives no device', async () => {
    expect(await bench.json('pair', 'refuse')).toEqual({
      code: 0,
      stderr: '',
      value: { device: null },
    });
  });

  it('exit 3 when the host does not run and must not be started', async () => {
    await bench.down();
    expect((await bench.run(['pair', '--no-start'])).code).toBe(3);
  });
});
