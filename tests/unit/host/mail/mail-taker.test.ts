import { beforeEach, describe, expect, test } from 'vitest';
import { v7 } from 'uuid';
import { Emitter } from '../../../../src/base/emitter.ts';
import { toBase64url } from '../../../../src/base/base64url.ts';
import { sealMail, type MailCommand } from '../../../../src/connection/sealed/mail.ts';
import type { BookChange } from '../../../../src/host/devices/device-book.ts';
import {
  deviceRecordSchema,
  type DeviceRecord,
} from '../../../../src/host/devices/device-record.ts';
import type { MailWord } from '../../../../src/host/mail/mail-port.ts';
import { MailTaker } from '../../../../src/host/mail/mail-taker.ts';
import { RpcFailure } from '../../../../src/protocol/errors.ts';
import { commandIdSchema } from '../../../../src/protocol/ids.ts';
import {
  channelIdSchema,
  deviceIdSchema,
  mailIdSchema,
  type DeviceId,
} from '../../../../src/protocol/relay.ts';
import { primitives } from '../../../support/device-identity.ts';
import { FakeTimers } from '../../../fakes/fake-timers.ts';

const HOUR_MS = 3_600_000;
const NOW = Date.UTC(2026, 10, 21);
const channel = channelIdSchema.parse(Buffer.alloc(16, 1).toString('base64url'));
const own = primitives.generateKeyPair();

/** A device, and the keys that it has itself. */
function device(n: number) {
  const sealing = primitives.generateKeyPair();
  const psk = primitives.randomBytes(32);
  const record = deviceRecordSchema.parse({
    id: deviceIdSchema.parse(Buffer.alloc(16, 100 + n).toString('base64url')),
    ...{ name: `Phone ${n}`, role: 'operator', pairedAt: new Date(NOW).toISOString() },
    ...{ lastSeenAt: null, via: 'relay', relay: 'own', epoch: 3, counter: 0 },
    publicKey: toBase64url(sealing.publicKey),
    signingKey: toBase64url(primitives.randomBytes(65)),
    rootPsk: toBase64url(psk),
  });
  return { record, sealing, psk };
}
type Phone = ReturnType<typeof device>;

let mailId = 0;
async function mailOf(
  phone: Phone,
  text: string,
  {
    session = 's_000000000001',
    method = 'session.send',
    agoMs = 0,
    epoch = phone.record.epoch,
  }: { session?: string; method?: string; agoMs?: number; epoch?: number } = {},
): Promise<MailWord> {
  const commandId = commandIdSchema.parse(v7());
  const command: MailCommand = {
    ...{ commandId, method, params: { commandId, sessionId: session, text } },
    ...{ madeAtMs: NOW - agoMs, sealedAtMs: NOW - agoMs },
  };
  mailId += 1;
  const id = mailIdSchema.parse(Buffer.alloc(16, mailId).toString('base64url'));
  const keys = { own: phone.sealing, remote: own.publicKey, psk: phone.psk, primitives };
  const sealed = await sealMail(command, { channel, device: phone.record.id, id, epoch }, keys);
  const at = new Date(NOW).toISOString();
  return {
    ...{ type: 'mail', device: phone.record.id, id, at },
    sealed: toBase64url(sealed ?? new Uint8Array()),
  };
}

let timers: FakeTimers;
let nowMs: number;
let devices: DeviceRecord[];
let came: Emitter<{ target: string; mail: MailWord }>;
let changed: Emitter<BookChange>;
let done: string[];
let taken: { target: string; ids: string[] }[];
let refused: unknown[];
let logged: string[];
/** What a command comes to; the default is done. */
let answer: (text: string, as: DeviceRecord) => unknown;
let noteRefusal: () => void;
let cut: DeviceId[];
let taker: MailTaker;

const log = (fields: Record<string, unknown>, message: string) =>
  void logged.push(JSON.stringify({ ...fields, message }));

beforeEach(() => {
  timers = new FakeTimers();
  nowMs = NOW;
  devices = [];
  came = new Emitter();
  changed = new Emitter();
  [done, taken, refused, logged, cut] = [[], [], [], [], []];
  answer = () => ({});
  noteRefusal = () => {};
  taker = new MailTaker({
    ways: {
      mail: came,
      say: (target, { mail }) => void taken.push({ target, ids: mail.map(({ id }) => id) }),
    },
    book: { changed },
    door: {
      run: async (as, _method, params) => {
        const text = String(params['text']);
        await answer(text, as);
        done.push(`${as.name} ${as.role} ${text}`);
      },
      cut: (id) => void cut.push(id),
      close: () => {},
    },
    claims: {
      refused: (id, _command, failure) => {
        noteRefusal();
        refused.push([id, failure.message]);
      },
    },
    find: (id) => devices.find((each) => each.id === id) ?? null,
    keys: () => ({ own, channel, primitives }),
    nowMs: () => nowMs,
    timers,
    logger: { debug: log, info: log, warn: log, error: log },
  });
});

function paired(n = 1): Phone {
  const phone = device(n);
  devices.push(phone.record);
  return phone;
}

const deliver = (mail: MailWord, target = 'own'): void => came.emit({ target, mail });
const takenIds = () => taken.flatMap(({ ids }) => ids);
const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 30; turn += 1)
    await new Promise<void>((resolve) => setImmediate(resolve));
};

test('does what was left with the rights that the device has now, in order, and says so afterwards', async () => {
  const phone = paired();
  const mail = [await mailOf(phone, 'one'), await mailOf(phone, 'two')];
  devices[0] = { ...phone.record, role: 'approver' };
  let finish: () => void = () => {};
  const slow = new Promise<void>((resolve) => (finish = resolve));
  answer = async (text) => await (text === 'one' ? slow : null);
  mail.forEach((each) => deliver(each));
  await turns();
  expect({ done, taken }).toEqual({ done: [], taken: [] });
  finish();
  await turns();
  expect({ done, taken }).toEqual({
    done: ['Phone 1 approver one', 'Phone 1 approver two'],
    taken: mail.map(({ id }) => ({ target: 'own', ids: [id] })),
  });
});

test('lets nothing about another session or of another device wait for what hangs', async () => {
  const [one, two] = [paired(1), paired(2)];
  answer = async (text) => await (text === 'hangs' ? new Promise(() => {}) : null);
  deliver(await mailOf(one, 'hangs'));
  deliver(await mailOf(one, 'behind it'));
  deliver(await mailOf(one, 'elsewhere', { session: 's_000000000002' }));
  deliver(await mailOf(two, 'of another'));
  await turns();
  expect(done).toEqual(['Phone 1 operator elsewhere', 'Phone 2 operator of another']);
});

describe('is taken and not done', () => {
  test.each([
    ['of a device that is not paired any more', () => mailOf(device(9), 'x'), 'unknown device'],
    ['of an earlier epoch', () => mailOf(paired(), 'x', { epoch: 2 }), 'does not open'],
    [
      'that was changed on the way',
      async () => {
        const mail = await mailOf(paired(), 'x');
        return { ...mail, sealed: `${mail.sealed.slice(0, -4)}AAAA` };
      },
      'does not open',
    ],
    [
      'that another device is said to have left',
      async () => ({ ...(await mailOf(paired(1), 'x')), device: paired(2).record.id }),
      'does not open',
    ],
    [
      'that a relay has kept for more than two days',
      () => mailOf(paired(), 'x', { agoMs: 48 * HOUR_MS + 1 }),
      'too old',
    ],
    ['that asks', () => mailOf(paired(), 'x', { method: 'session.list' }), 'not for mail'],
    ['that says hello', () => mailOf(paired(), 'x', { method: 'hello' }), 'not for mail'],
    ['of no method', () => mailOf(paired(), 'x', { method: 'toString' }), 'not for mail'],
  ])('what is %s', async (_, make, why) => {
    const bad = await make();
    const good = await mailOf(paired(7), 'good');
    deliver(bad);
    deliver(good);
    await turns();
    expect({ done, taken: new Set(takenIds()), why: logged.join('') }).toEqual({
      done: ['Phone 7 operator good'],
      taken: new Set([bad.id, good.id]),
      why: expect.stringContaining(`"why":"${why}"`),
    });
  });

  test('a refused one: the device is to hear the same when it comes', async () => {
    const phone = paired();
    answer = () => {
      throw new RpcFailure('notFound', 'There is no such session.');
    };
    const mail = await mailOf(phone, 'x');
    deliver(mail);
    await turns();
    expect({ taken: takenIds(), refused }).toEqual({
      taken: [mail.id],
      refused: [[phone.record.id, 'There is no such session.']],
    });
  });

  test('one of a device that is revoked while it waits', async () => {
    const phone = paired();
    let finish: () => void = () => {};
    const slow = new Promise<void>((resolve) => (finish = resolve));
    answer = async () => await slow;
    deliver(await mailOf(phone, 'one'));
    const waiting = await mailOf(phone, 'two');
    deliver(waiting);
    await turns();
    devices = [];
    changed.emit({ kind: 'revoked', devices: [phone.record] });
    finish();
    await turns();
    expect({ done, cut, taken: takenIds().includes(waiting.id) }).toEqual({
      done: ['Phone 1 operator one'],
      cut: [phone.record.id],
      taken: true,
    });
  });
});

describe('is not taken', () => {
  test('before its refusal is on the disk: it is done anew, what follows it waits', async () => {
    const phone = paired();
    let isFull = true;
    noteRefusal = () => {
      if (isFull) throw new Error('the disk is full');
    };
    answer = (text) => {
      if (text === 'one') throw new RpcFailure('refused', 'no');
    };
    const [one, two] = [await mailOf(phone, 'one'), await mailOf(phone, 'two')];
    deliver(one);
    deliver(two);
    await turns();
    expect({ done, taken }).toEqual({ done: [], taken: [] });
    isFull = false;
    timers.advance(60_000);
    await turns();
    expect({ done, taken: takenIds() }).toEqual({
      done: ['Phone 1 operator two'],
      taken: [one.id, two.id],
    });
  });

  test('when it is not known what became of it, and is given up after some tries until it comes again', async () => {
    const phone = paired();
    let tries = 0;
    answer = () => {
      tries += 1;
      throw new Error('The connection closed');
    };
    const mail = await mailOf(phone, 'one');
    deliver(mail);
    for (let minute = 0; minute < 10; minute += 1) {
      await turns();
      timers.advance(60_000);
    }
    expect({ tries, taken }).toEqual({ tries: 5, taken: [] });
    answer = () => ({});
    deliver(mail);
    await turns();
    expect({ done, taken: takenIds() }).toEqual({
      done: ['Phone 1 operator one'],
      taken: [mail.id],
    });
  });

  test('while it seems to be from the day after tomorrow: the clock of this machine may be set yet', async () => {
    const phone = paired();
    const mail = await mailOf(phone, 'x');
    nowMs = 0;
    deliver(mail);
    await turns();
    expect({ done, taken }).toEqual({ done: [], taken: [] });
    nowMs = NOW;
    timers.advance(60_000);
    await turns();
    expect({ done, taken: takenIds() }).toEqual({
      done: ['Phone 1 operator x'],
      taken: [mail.id],
    });
  });
});

test('what fails inside the host is tried again, and is no refusal', async () => {
  const phone = paired();
  answer = () => {
    throw new RpcFailure('internal', 'session.send failed inside the host; its log says why.');
  };
  const mail = await mailOf(phone, 'one');
  deliver(mail);
  await turns();
  expect({ refused, taken }).toEqual({ refused: [], taken: [] });
  answer = () => ({});
  timers.advance(60_000);
  await turns();
  expect({ done, refused, taken: takenIds() }).toEqual({
    ...{ done: ['Phone 1 operator one'], refused: [] },
    taken: [mail.id],
  });
});

test('what is from tomorrow after all tries is dropped: the device has it still', async () => {
  const mail = await mailOf(paired(), 'x');
  nowMs = 0;
  deliver(mail);
  for (let minute = 0; minute < 5; minute += 1) {
    await turns();
    timers.advance(60_000);
  }
  await turns();
  expect({ done, taken: takenIds(), why: logged.join('') }).toEqual({
    ...{ done: [], taken: [mail.id] },
    why: expect.stringContaining('"why":"from tomorrow"'),
  });
});

test('says it to the relay that handed it over last, and does it once', async () => {
  const phone = paired();
  let finish: () => void = () => {};
  const slow = new Promise<void>((resolve) => (finish = resolve));
  answer = async () => await slow;
  const mail = await mailOf(phone, 'one');
  deliver(mail, 'https://one.example');
  await turns();
  deliver(mail, 'https://two.example');
  finish();
  await turns();
  expect({ done, taken }).toEqual({
    done: ['Phone 1 operator one'],
    taken: [{ target: 'https://two.example', ids: [mail.id] }],
  });
});

test('holds no more than relays may hand over', async () => {
  const phone = paired();
  let begun = 0;
  answer = async () => {
    begun += 1;
    await new Promise(() => {});
  };
  for (let at = 0; at < 80; at += 1)
    deliver(await mailOf(phone, 'x', { session: `s_${String(at).padStart(12, '0')}` }));
  await turns();
  expect(begun).toBe(64);
});

test('writes no text of a command into the log', async () => {
  const phone = paired();
  answer = (text) => {
    if (text === 'secret no') throw new RpcFailure('refused', 'There is no secret');
  };
  deliver(await mailOf(phone, 'secret yes'));
  deliver(await mailOf(phone, 'secret no'));
  await turns();
  expect({ entries: logged.length, told: logged.join('').includes('secret') }).toEqual({
    entries: 2,
    told: false,
  });
});

test('does nothing more once it is closed', async () => {
  const phone = paired();
  let finish: () => void = () => {};
  const slow = new Promise<void>((resolve) => (finish = resolve));
  answer = async () => await slow;
  deliver(await mailOf(phone, 'one'));
  deliver(await mailOf(phone, 'two'));
  await turns();
  taker.close();
  finish();
  deliver(await mailOf(phone, 'three'));
  await turns();
  expect({ done, taken }).toEqual({ done: ['Phone 1 operator one'], taken: [] });
});
