import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { silentLogger } from '../../../../src/base/log.ts';
import type { FramePipe } from '../../../../src/connection/sealed/frame-pipe.ts';
import { initiate } from '../../../../src/connection/sealed/open.ts';
import type { Transport } from '../../../../src/connection/transport.ts';
import { prologueOf } from '../../../../src/crypto/prologue.ts';
import { DeviceBook } from '../../../../src/host/devices/device-book.ts';
import type { DeviceRecord } from '../../../../src/host/devices/device-record.ts';
import { SealedDoor, type RemoteSurface } from '../../../../src/host/relay/sealed-door.ts';
import { nodePrimitives } from '../../../../src/local/node-primitives.ts';
import { channelIdSchema, deviceIdSchema } from '../../../../src/protocol/relay.ts';
import { eventually } from '../support/host-core.ts';

const primitives = await nodePrimitives();
const host = primitives.generateKeyPair();
const own = primitives.generateKeyPair();
const channel = channelIdSchema.parse(Buffer.alloc(16, 5).toString('base64url'));
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');

interface Surface {
  readonly remote: RemoteSurface;
  readonly heard: string[];
  readonly closed: string[];
  transport: Transport;
}

let folder: string;
let book: DeviceBook;
let device: DeviceRecord;
let door: SealedDoor;
let surfaces: Surface[];
let counter: number;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'door-'));
  book = new DeviceBook({ path: join(folder, 'devices.json'), now: () => new Date() });
  device = book.add({
    ...{ name: 'Pixel 9', role: 'approver', via: 'relay', relay: 'own' },
    publicKey: text(own.publicKey),
    signingKey: text(new Uint8Array(65)),
    rootPsk: text(new Uint8Array(32).fill(7)),
  });
  surfaces = [];
  counter = 0;
  door = new SealedDoor({
    book,
    keys: () => ({ own: host, channel, primitives }),
    accept: (transport, remote) => {
      const surface: Surface = { remote, heard: [], closed: [], transport };
      surfaces.push(surface);
      const over = (reason: string) => {
        surface.closed.push(reason);
        remote.closed();
      };
      transport.start({
        message: (message) => {
          surface.heard.push(message);
          transport.send(`re: ${message}`);
        },
        close: over,
      });
      return {
        close: (reason) => {
          transport.close(reason);
          over(reason);
        },
      };
    },
    logger: silentLogger,
  });
});
afterEach(() => {
  door.close('done');
  rmSync(folder, { recursive: true, force: true });
});

interface Line {
  readonly near: FramePipe;
  /** Frames that the device has sent. */
  readonly sent: Uint8Array[];
  closed: string | null;
}

/** A pipe into the door; with `deaf` nothing that the host says reaches the device. */
function line(id = device.id, deaf = false): Line {
  type On = Parameters<FramePipe['start']>[0];
  const ends: { near?: On; far?: On } = {};
  const found: Line = {
    sent: [],
    closed: null,
    near: {
      bufferedBytes: 0,
      start: (on) => void (ends.near = on),
      send: (bytes) => {
        found.sent.push(bytes.slice());
        setImmediate(() => ends.far?.frame(bytes.slice()));
      },
      close: (reason) => setImmediate(() => ends.far?.close(reason)),
    },
  };
  door.admit(id, {
    bufferedBytes: 0,
    start: (on) => void (ends.far = on),
    send: (bytes) => {
      if (!deaf) setImmediate(() => ends.near?.frame(bytes.slice()));
    },
    close: (reason) => {
      found.closed ??= reason;
      setImmediate(() => ends.near?.close(reason));
    },
  });
  return found;
}

function dial(over: Line, n = ++counter): { heard: string[]; send(message: string): void } {
  const transport = initiate({
    pipe: over.near,
    prologue: prologueOf('session', channel, device.id),
    ...{ own, remote: host.publicKey, psk: new Uint8Array(32).fill(7), primitives, counter: n },
  });
  const heard: string[] = [];
  transport.start({ message: (message) => heard.push(message), close: () => {} });
  transport.send('early');
  return { heard, send: (message) => transport.send(message) };
}

const presence = () => door.presence(device.id).connections;

test('a device of the book is served in its role, and is there once it has answered', async () => {
  const over = line();
  const before = presence();
  const { heard, send } = dial(over);
  await eventually(() => (presence() === 1 ? true : null));
  send('late');
  await eventually(() => (heard.length === 2 ? true : null));
  expect([before, heard, surfaces[0]?.remote.role, surfaces[0]?.remote.device]).toEqual([
    0,
    ['re: early', 're: late'],
    'approver',
    { id: device.id, name: 'Pixel 9' },
  ]);
  expect(book.find(device.id)).toMatchObject({ counter: 1, lastSeenAt: expect.any(String) });
});

test('whoever is not in the book is sent away without a word', () => {
  const stranger = deviceIdSchema.parse(Buffer.alloc(16, 9).toString('base64url'));
  const over = line(stranger);
  expect([over.closed, surfaces.length]).toEqual(['', 0]);
});

test('a device that never hears the answer is not seen, and its counter stays good', async () => {
  dial(line(device.id, true), 5);
  await eventually(() => (surfaces[0]?.heard.length === 1 ? true : null));
  expect([presence(), book.find(device.id)]).toEqual([0, device]);
});

test('a first message that was confirmed is not answered again', async () => {
  const over = line();
  dial(over);
  await eventually(() => (presence() === 1 ? true : null));
  const again = line();
  const [recorded] = over.sent;
  if (recorded !== undefined) again.near.send(recorded);
  await eventually(() => again.closed);
  expect([surfaces[1]?.heard, presence()]).toEqual([[], 1]);
});

test('recordings cannot push out who is there, and only so many are taken at once', async () => {
  dial(line());
  await eventually(() => (presence() === 1 ? true : null));
  const stale = Array.from({ length: 6 }, () => line(device.id, true));
  expect([stale.map(({ closed }) => closed === null), presence(), surfaces[0]?.closed]).toEqual([
    [true, true, true, true, false, false],
    1,
    [],
  ]);
});

test('the oldest page of a device makes room for the ninth', async () => {
  for (let n = 1; n <= 9; n += 1) {
    dial(line());
    await eventually(() => (presence() === Math.min(n, 8) && counter === n ? true : null));
    await eventually(() => (book.find(device.id)?.counter === n ? true : null));
  }
  expect(surfaces.map(({ closed }) => closed.length)).toEqual([1, 0, 0, 0, 0, 0, 0, 0, 0]);
});

test('a device that is revoked, or given another role, is cut off at once', async () => {
  const other = line();
  dial(other);
  await eventually(() => (presence() === 1 ? true : null));
  book.setRole(device.id, 'viewer');
  const afterRole = [presence(), surfaces[0]?.closed];
  dial(line());
  await eventually(() => (presence() === 1 ? true : null));
  const { role } = surfaces[1]?.remote ?? {};
  // One that has not answered yet is cut off too.
  line(device.id, true);
  book.revoke(device.id);
  expect([afterRole, role, surfaces.map(({ closed }) => closed), line().closed]).toEqual([
    [0, ['the role of this device changed']],
    'viewer',
    [['the role of this device changed'], ['this device was revoked'], ['this device was revoked']],
    '',
  ]);
});

test('a connection that cannot be noted on the disk is refused before it is heard', async () => {
  const over = line();
  const { send } = dial(over);
  rmSync(folder, { recursive: true });
  await eventually(() => over.closed);
  send('late');
  await eventually(() => (surfaces[0]?.closed.length === 1 ? true : null));
  expect([surfaces[0]?.heard, surfaces[0]?.closed]).toEqual([
    ['early'],
    ['the host cannot write to its disk'],
  ]);
});
