import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { relayFinding } from '../../../../src/cli/doctor/host-checks.ts';
import { RpcFailure } from '../../../../src/protocol/errors.ts';
import type { Device } from '../../../../src/protocol/devices.ts';
import { deviceIdSchema } from '../../../../src/protocol/relay.ts';
import { CliBench } from '../run-cli.ts';

const id = (byte: number) => deviceIdSchema.parse(Buffer.alloc(16, byte).toString('base64url'));
const device = (byte: number, name: string, rest: Partial<Device> = {}): Device => ({
  id: id(byte),
  name,
  role: 'approver',
  pairedAt: '2026-11-20T08:00:00.000Z',
  lastSeenAt: '2026-11-21T07:59:00.000Z',
  online: false,
  connections: 0,
  via: 'relay',
  ...rest,
});
const pixel = device(1, 'Pixel 9', { online: true, connections: 2 });
const second = device(2, 'Pixel 9 2', { lastSeenAt: null, via: 'lan' });
const tablet = device(3, 'Tablet \u001b[2J');
const line = ({ connections: _, via: __, ...rest }: Device) => rest;

let bench: CliBench;
beforeEach(async () => {
  bench = new CliBench();
  await bench.up();
  bench.host.handlers['devices.list'] = () => ({ devices: [pixel, second, tablet] });
  bench.host.handlers['devices.setRole'] = ({ role }) => ({ device: { ...second, role } });
  bench.host.handlers['devices.rename'] = ({ name }) => ({ device: { ...second, name } });
  bench.host.handlers['devices.revoke'] = (which) => ({
    revoked: 'all' in which ? [pixel.id, second.id, tablet.id] : [which.device],
  });
});
afterEach(async () => await bench.down());

const asked = () =>
  bench.host.calls
    .filter(({ method }) => method.startsWith('devices.') && method !== 'devices.list')
    .map(({ method, params }) => [method, params]);

test('devices are listed, for people and as JSON', async () => {
  const { stdout } = await bench.run(['devices']);
  const json = await bench.run(['devices', '--json']);
  expect(JSON.parse(json.stdout)).toEqual([pixel, second, tablet].map(line));
  expect(stdout).toContain('never');
  expect(stdout).toContain('2026-11-20, local network');
  expect(stdout).not.toContain('\u001b');
});

test('no device gives an empty array, and says how to pair one', async () => {
  bench.host.handlers['devices.list'] = () => ({ devices: [] });
  const { stdout } = await bench.run(['devices']);
  expect(stdout).toContain('porchlight pair');
  expect((await bench.run(['devices', '--json'])).stdout.trim()).toBe('[]');
  expect((await bench.run(['devices', 'revoke', '--all', '--json'])).stdout.trim()).toBe('[]');
});

test('a device is meant by its id, its name or the beginning of one, and by no doubtful word', async () => {
  const run = async (given: string) => await bench.run(['devices', 'role', given, 'viewer']);
  const codes = [];
  for (const given of [second.id, 'pixel 9', 'Pixel 9 2', 'tab', 'pix', 'iPhone', ''])
    codes.push((await run(given)).code);
  expect(codes).toEqual([0, 0, 0, 0, 1, 1, 1]);
  expect(asked().map(([, params]) => params)).toEqual(
    [second.id, pixel.id, second.id, tablet.id].map((each) => ({ device: each, role: 'viewer' })),
  );
  expect((await run('pix')).stderr).toContain('fits several devices: Pixel 9 (');
});

test('role and name are changed, and the device as it is now is given', async () => {
  const role = await bench.run(['devices', 'role', second.id, 'operator', '--json']);
  const name = await bench.run(['devices', 'rename', second.id, 'Work phone', '--json']);
  expect([JSON.parse(role.stdout), JSON.parse(name.stdout)]).toEqual([
    [line({ ...second, role: 'operator' })],
    [line({ ...second, name: 'Work phone' })],
  ]);
  expect((await bench.run(['devices', 'role', second.id, 'owner'])).code).toBe(2);
});

test('one device is revoked without a question', async () => {
  const { code, stdout } = await bench.run(['devices', 'revoke', pixel.name, '--json']);
  expect([code, JSON.parse(stdout), asked()]).toEqual([
    0,
    [line({ ...pixel, online: false })],
    [['devices.revoke', { device: pixel.id }]],
  ]);
});

test('revoking all asks first, and without a terminal wants --force', async () => {
  const refused = await bench.run(['devices', 'revoke', '--all', '--json']);
  expect([refused.code, refused.stdout, asked()]).toEqual([1, '', []]);
  expect(refused.stderr).toContain('--force');
  const answering = (answer: string) => {
    const stdin = new PassThrough();
    stdin.end(answer);
    return { stdin, interactive: true };
  };
  const no = await bench.run(['devices', 'revoke', '--all'], answering('n\n'));
  expect([no.code, asked()]).toEqual([1, []]);
  const yes = await bench.run(['devices', 'revoke', '--all'], answering('y\n'));
  const forced = await bench.run(['devices', 'revoke', '--all', '--force', '--json']);
  expect([yes.code, forced.code, asked()]).toEqual([
    0,
    0,
    [
      ['devices.revoke', { all: true }],
      ['devices.revoke', { all: true }],
    ],
  ]);
});

test('neither a device nor --all, or both, is wrong usage', async () => {
  expect([
    (await bench.run(['devices', 'revoke'])).code,
    (await bench.run(['devices', 'revoke', 'x', '--all'])).code,
  ]).toEqual([2, 2]);
});

test('a device that is gone by now is told as the host tells it', async () => {
  bench.host.handlers['devices.revoke'] = () => {
    throw new RpcFailure('notFound', 'There is no device any more.');
  };
  const { code, stderr } = await bench.run(['devices', 'revoke', pixel.id]);
  expect([code, stderr]).toEqual([1, 'porchlight: There is no device any more.\n']);
});

test('doctor tells how the way to devices stands', () => {
  const base = { own: true, connected: false, since: null, lanUrl: null, problem: null };
  const status = (rest: object) => relayFinding({ url: null, ...base, ...rest });
  expect([
    status({}),
    status({ url: 'http://127.0.0.1:1', connected: true, lanUrl: 'http://10.0.0.1:1' }).detail,
    status({ url: 'http://127.0.0.1:1' }).ok,
    status({ url: 'https://r.example', own: false, problem: 'it is away' }),
  ]).toEqual([
    { ok: true, detail: 'none is connected, since no device is paired', fix: null },
    "connected: this host's own, at http://127.0.0.1:1, and at http://10.0.0.1:1 on the local network",
    false,
    {
      ok: false,
      detail: 'https://r.example: it is away',
      fix: 'Look whether that relay runs, and relay.url in config.json',
    },
  ]);
});
