import { expect, test } from 'vitest';
import type {
  GuestOutcome,
  GuestPairing,
} from '../../../../../src/connection/device/pair-as-guest.ts';
import { encodeOffer } from '../../../../../src/protocol/offer.ts';
import { deviceIdSchema, rendezvousIdSchema } from '../../../../../src/protocol/relay.ts';
import { makeBytes } from '../../../../../renderer/phone/keys/make-keys.ts';
import type { StoredKeys } from '../../../../../renderer/phone/keys/stored-keys.ts';
import { PairingFlow } from '../../../../../renderer/phone/pairing/pairing-flow.ts';
import type { StoredHost } from '../../../../../renderer/phone/store/schema.ts';

const DEVICE = deviceIdSchema.parse('D'.repeat(22));
const PAIRED: GuestOutcome = {
  kind: 'paired',
  paired: {
    hostId: 'host',
    hostName: 'desk',
    relay: 'https://relay.example',
    device: { id: DEVICE, name: 'Phone', role: 'viewer' },
    grant: { hostKey: '', device: DEVICE, deviceKey: '', epoch: 0, signature: '' },
    hostKey: new Uint8Array(32),
    rootPsk: new Uint8Array(32).fill(5),
  },
};

function offer(relay = 'https://relay.example'): string {
  return encodeOffer({
    relay,
    rendezvous: rendezvousIdSchema.parse('A'.repeat(22)),
    hostKey: new Uint8Array(32).fill(1),
    secret: new Uint8Array(32).fill(2),
    expiresAt: 0,
  });
}

/** A guest that the test answers for, and a storage that keeps what it is given, or does not. */
class Stage {
  readonly added: StoredHost[] = [];
  readonly opened: string[] = [];
  readonly left: string[] = [];
  readonly names: string[] = [];
  proves: (keys: StoredKeys) => Promise<StoredKeys | null> = async (keys) => keys;
  isBlocked = false;
  adds: () => Promise<void> = async () => {};
  meet: (met: { digits: string; hostName: string }) => void = () => {};
  settle: (outcome: GuestOutcome) => void = () => {};
  readonly flow: PairingFlow;

  constructor(isHttps = false) {
    this.flow = new PairingFlow({
      hosts: {
        proveKeys: async (keys) => await this.proves(keys),
        add: async (host) => {
          await this.adds();
          this.added.push(host);
        },
      },
      pair: ({ name }) => {
        this.names.push(name);
        const guest: GuestPairing = {
          met: new Promise((resolve) => (this.meet = resolve)),
          outcome: new Promise((resolve) => (this.settle = resolve)),
          leave: (why) => this.left.push(why),
        };
        return guest;
      },
      subtle: undefined,
      isHttps,
      isBlocked: () => this.isBlocked,
      nowMs: () => 77,
      paired: async (hostId) => void this.opened.push(hostId),
    });
  }

  get step() {
    return this.flow.store.getState();
  }

  async until(step: string): Promise<void> {
    await expect.poll(() => this.step.step).toBe(step);
  }

  /** As far as the digits. */
  async met(name = 'My phone'): Promise<void> {
    this.flow.take(offer());
    void this.flow.start(name);
    await expect.poll(() => this.names.length).toBeGreaterThan(0);
    this.meet({ digits: '012345', hostName: 'desk' });
    await this.until('digits');
  }
}

test('from a link over the digits to a stored host, which is opened', async () => {
  const stage = new Stage();
  expect(stage.flow.take(`https://page.example/#p=${offer()}`)).toBe(true);
  expect(stage.step).toEqual({ step: 'ready', relay: 'https://relay.example', isLan: false });
  await stage.met('  My phone ');
  expect(stage.step).toEqual({ step: 'digits', digits: '012345', hostName: 'desk' });
  stage.settle(PAIRED);
  await stage.until('done');
  expect(stage.step).toEqual({ step: 'done', hostName: 'desk', role: 'viewer', isWeaker: true });
  expect([stage.names, stage.opened, stage.added.map(({ hostId }) => hostId)]).toEqual([
    ['My phone'],
    ['host'],
    ['host'],
  ]);
  expect(stage.added[0]).toMatchObject({ pairedAtMs: 77, seenAtMs: null });
});

test('what is no code, and a code that this page may not use, say so', () => {
  const stage = new Stage(true);
  const said = [
    'hello world',
    'https://example.org/',
    offer().slice(0, 40),
    offer('http://192.168.1.5:80'),
  ].map((text) => {
    expect(stage.flow.take(text)).toBe(false);
    return stage.step.step === 'start' ? stage.step.problem : null;
  });
  expect(said).toEqual([
    expect.stringContaining('no code for pairing'),
    expect.stringContaining('no code for pairing'),
    expect.stringContaining('damaged'),
    expect.stringContaining('local network'),
  ]);
  expect(stage.flow.take(offer('http://127.0.0.1:80'))).toBe(true);
});

test('digits that differ end the pairing, and what the host says afterwards changes nothing', async () => {
  const stage = new Stage();
  await stage.met();
  stage.flow.leave('mismatch');
  stage.settle(PAIRED);
  await new Promise((resolve) => setTimeout(resolve));
  expect([stage.step.step, stage.left, stage.added, stage.opened]).toEqual([
    'failed',
    ['mismatch'],
    [],
    [],
  ]);
  // The offer is gone with it.
  await stage.flow.start('again');
  expect(stage.names).toEqual(['My phone']);
});

test('a second code does not end what the person is about to confirm', async () => {
  const stage = new Stage();
  await stage.met();
  expect(stage.flow.take(offer())).toBe(false);
  expect(stage.step.step).toBe('digits');
});

test('a storage that keeps nothing stops the pairing before the computer hears of it', async () => {
  const stage = new Stage();
  stage.proves = async () => null;
  stage.flow.take(offer());
  await stage.flow.start('x');
  expect(stage.names).toEqual([]);
  expect(stage.step).toMatchObject({ step: 'failed', message: expect.stringContaining('keep') });
});

test('keys that fail to be stored after all are told, with what to do', async () => {
  const stage = new Stage();
  stage.adds = async () => {
    throw new Error('the disk is full.');
  };
  await stage.met();
  stage.settle(PAIRED);
  await stage.until('failed');
  expect(stage.step).toMatchObject({
    message: expect.stringMatching(/disk is full.*remove it there/),
  });
  expect(stage.opened).toEqual([]);
});

test('the host’s own words are shown when it refuses', async () => {
  const stage = new Stage();
  await stage.met();
  stage.settle({ kind: 'failed', message: 'The computer said no.' });
  await stage.until('failed');
  expect(stage.step).toEqual({ step: 'failed', message: 'The computer said no.' });
  stage.flow.again();
  expect(stage.step).toEqual({ step: 'start', problem: null });
});

test('a relay that this page may not speak to is told apart from one that is away', async () => {
  const stage = new Stage();
  stage.isBlocked = true;
  await stage.met();
  stage.settle({ kind: 'failed', message: 'cannot be reached' });
  await stage.until('failed');
  expect(stage.step).toMatchObject({ message: expect.stringContaining('relay.example') });
});

test('bytes stand in where a browser cannot read its own keys back', async () => {
  const stage = new Stage();
  const bytes = makeBytes();
  let asked = 0;
  stage.proves = async () => (++asked === 1 ? null : bytes);
  await stage.met();
  stage.settle(PAIRED);
  await stage.until('done');
  expect([asked, stage.step]).toMatchObject([2, { isWeaker: true }]);
});
