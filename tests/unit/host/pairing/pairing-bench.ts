import type { DhKeyPair } from '../../../../src/crypto/primitives.ts';
import type { FramePipe } from '../../../../src/connection/sealed/frame-pipe.ts';
import { toBase64url } from '../../../../src/base/base64url.ts';
import { GuestGone, type SealGuest } from '../../../../src/host/pairing/guest.ts';
import { Pairing } from '../../../../src/host/pairing/pairing.ts';
import type { NewDevice, OfferWay, PairingGround } from '../../../../src/host/relay/remote.ts';
import type { Device } from '../../../../src/protocol/devices.ts';
import { RpcFailure } from '../../../../src/protocol/errors.ts';
import { decodeOffer } from '../../../../src/protocol/offer.ts';
import type { PairingResult, PairState } from '../../../../src/protocol/pairing.ts';
import { deviceIdSchema, type RendezvousId } from '../../../../src/protocol/relay.ts';
import { FakeTimers } from '../../../fakes/fake-timers.ts';

const SIGNING_KEY = toBase64url(new Uint8Array(65).fill(4));
export const silent = { info() {}, warn() {}, error() {}, debug() {} };

/** The phone's end of a pipe whose frames are JSON in the clear; the seal below knows how to read them. */
export class FakePhone {
  readonly heard: unknown[] = [];
  closedBecause: string | null = null;
  #toHost: { frame(bytes: Uint8Array): void; close(reason: string): void } | null = null;
  readonly #waiting: Uint8Array[] = [];

  readonly pipe: FramePipe = {
    bufferedBytes: 0,
    start: (on) => {
      this.#toHost = on;
      for (const bytes of this.#waiting.splice(0)) on.frame(bytes);
    },
    send: (bytes) => void this.heard.push(JSON.parse(new TextDecoder().decode(bytes))),
    close: (reason) => {
      if (this.closedBecause !== null) return;
      this.closedBecause = reason;
      this.#toHost?.close(reason);
    },
  };

  say(value: unknown): void {
    const bytes = new TextEncoder().encode(JSON.stringify(value));
    if (this.#toHost === null) this.#waiting.push(bytes);
    else this.#toHost.frame(bytes);
  }

  /** Message 1, with the secret of the code that was scanned. */
  greet(
    url: string,
    hello: object = { name: 'Pixel 9', signingKey: SIGNING_KEY, version: '1' },
  ): this {
    this.say({ secret: toBase64url(decodeOffer(url).secret), hello });
    return this;
  }

  here(): this {
    this.say({ type: 'here' });
    return this;
  }

  leave(): void {
    this.closedBecause ??= 'it left';
    this.#toHost?.close('it left');
  }

  get result(): PairingResult | undefined {
    return this.heard.find((said) => isResult(said));
  }
}

function isResult(said: unknown): said is PairingResult {
  return typeof said === 'object' && said !== null && 'type' in said;
}

/** Takes message 1 in the clear; the digits count up from 000001. */
export function fakeSeal(): SealGuest {
  let handshakes = 0;
  return (pipe, { secret, welcome }) =>
    new Promise((resolve, reject) => {
      let on: { message(text: string): void; close(reason: string): void } | null = null;
      let isOpen = false;
      const expected = toBase64url(secret);
      pipe.start({
        frame: (bytes) => {
          const text = new TextDecoder().decode(bytes);
          if (isOpen) return on?.message(text);
          const first: { secret: string; hello: object } = JSON.parse(text);
          if (first.secret !== expected) {
            reject(new Error('message 1 does not open'));
            return;
          }
          isOpen = true;
          pipe.send(new TextEncoder().encode(JSON.stringify({ welcome: toBase64url(welcome) })));
          handshakes += 1;
          resolve({
            deviceKey: new Uint8Array(32).fill(9),
            hello: new TextEncoder().encode(JSON.stringify(first.hello)),
            digits: String(handshakes).padStart(6, '0'),
            rootPsk: () => new Uint8Array(32).fill(7),
            start: (handlers) => (on = handlers),
            send: (words) => pipe.send(new TextEncoder().encode(words)),
            close: (reason) => pipe.close(reason),
          });
        },
        close: (reason) => (isOpen ? on?.close(reason) : reject(new GuestGone(reason))),
      });
    });
}

/** Pairing with everything around it fake: keys, book of devices, relay, clock. */
export class PairingBench {
  readonly timers = new FakeTimers();
  readonly states: PairState[] = [];
  readonly added: NewDevice[] = [];
  readonly psks: Uint8Array[] = [];
  /** What the relay was told: `open`, `shut` and `way closed`, in order. */
  readonly relay: string[] = [];
  /** Added to the wall clock only. */
  wallShiftMs = 0;
  /** Added to the steady clock only: time that timers slept through. */
  sleptMs = 0;
  isFull = false;
  addFails: Error | null = null;
  openFails: Error | null = null;
  /** Set: `openWay` waits for it. */
  opening: Promise<void> | null = null;
  onGuest: ((pipe: FramePipe) => void) | null = null;
  trouble: (words: string | null) => void = () => {};
  readonly owner = {};
  readonly pairing: Pairing;
  #random = 0;

  readonly #own: DhKeyPair;

  constructor(given: { seal?: SealGuest; own?: DhKeyPair } = {}) {
    this.#own = given.own ?? {
      publicKey: new Uint8Array(32).fill(3),
      dh: () => new Uint8Array(32),
    };
    this.pairing = new Pairing({
      ground: this.#ground(),
      seal: given.seal ?? fakeSeal(),
      timers: this.timers,
      steadyMs: () => this.timers.nowMs() + this.sleptMs,
      wallMs: () => Date.parse('2026-11-21T08:00:00.000Z') + this.timers.nowMs() + this.wallShiftMs,
      randomBytes: (length) => new Uint8Array(length).fill((this.#random += 1)),
      logger: silent,
    });
    this.pairing.changed.on((state) => this.states.push(state));
  }

  /** Makes an offer and gives its link. */
  async offer(owner: object = this.owner): Promise<string> {
    const state = await this.pairing.offer(
      { role: 'approver', relay: undefined, lan: false },
      owner,
    );
    if (state.phase !== 'offered') throw new Error(`no offer but ${state.phase}`);
    return state.url;
  }

  /** A phone dials the rendezvous. */
  dial(phone = new FakePhone()): FakePhone {
    this.onGuest?.(phone.pipe);
    return phone;
  }

  /** An offer, scanned by a live phone. */
  async candidate(): Promise<{ phone: FakePhone; url: string }> {
    const url = await this.offer();
    const phone = this.dial().greet(url);
    await settle();
    phone.here();
    return { phone, url };
  }

  get phases(): string[] {
    return this.states.map((state) =>
      state.phase === 'ended' ? `ended ${state.why}` : state.phase,
    );
  }

  #ground(): PairingGround {
    return {
      sealingKey: () => this.#own,
      hostId: () => 'the-host',
      hostName: () => 'porch',
      version: '0.1.0',
      isFull: () => this.isFull,
      openWay: async ({ relay, lan }) => {
        await this.opening;
        if (this.openFails !== null) throw this.openFails;
        return this.#way(relay ?? 'https://relay.example', lan);
      },
      addDevice: (device) => {
        if (this.addFails !== null) throw this.addFails;
        this.added.push({ ...device, rootPsk: device.rootPsk.slice() });
        this.psks.push(device.rootPsk);
        return { device: deviceOf(device), grant: grantOf(device) };
      },
    };
  }

  #way(relay: string, lan: boolean): OfferWay {
    return {
      ...{ relay, page: 'https://app.example', lan, reach: 'anywhere' },
      openRendezvous: (_id: RendezvousId, seconds, onGuest) => {
        this.relay.push(`open for ${seconds}`);
        this.onGuest = onGuest;
        return () => this.relay.push('shut');
      },
      onTrouble: (listener) => {
        this.trouble = listener;
        return () => (this.trouble = () => {});
      },
      close: () => this.relay.push('way closed'),
    };
  }
}

const DEVICE = deviceIdSchema.parse('AAcOFRwjKjE4P0ZNVFtiaQ');

function deviceOf({ name, role, way }: NewDevice): Device {
  const pairedAt = '2026-11-21T08:00:00.000Z';
  const via = way.lan ? 'lan' : 'relay';
  return { id: DEVICE, name, role, pairedAt, lastSeenAt: null, online: false, connections: 0, via };
}

function grantOf({ signingKey }: NewDevice) {
  const hostKey = toBase64url(new Uint8Array(32).fill(5));
  const signature = toBase64url(new Uint8Array(64).fill(6));
  return { hostKey, device: DEVICE, deviceKey: signingKey, epoch: 0, signature };
}

/** Lets what is under way come to rest: the bench has no timers of its own. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
}

/** What is said to whoever asked for something that is not done. */
export async function refusal(act: () => unknown): Promise<string> {
  try {
    await act();
  } catch (error) {
    if (error instanceof RpcFailure && error.is('refused')) return error.message;
    throw error;
  }
  return 'not refused';
}

/** How it went, as the phone heard it. */
export const told = (phone: FakePhone): string | undefined =>
  phone.result?.type === 'refused' ? phone.result.why : phone.result?.type;
