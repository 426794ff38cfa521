import { toBase64url } from '../../../../src/base/base64url.ts';
import { DeviceLink } from '../../../../src/connection/device/device-link.ts';
import { channelOf } from '../../../../src/connection/device/names.ts';
import type { DeviceKeys, FetchLike } from '../../../../src/connection/device/ports.ts';
import { ReconnectingHost, type LinkState } from '../../../../src/connection/reconnect.ts';
import { respond } from '../../../../src/connection/sealed/open.ts';
import { prologueOf } from '../../../../src/crypto/prologue.ts';
import { nodePrimitives } from '../../../../src/local/node-primitives.ts';
import { grantSchema } from '../../../../src/protocol/relay.ts';
import { FakeHost } from '../../../fakes/fake-host.ts';
import { FakeRelay } from '../../../fakes/fake-relay.ts';
import { FakeTimers } from '../../../fakes/fake-timers.ts';
import { SettablePresence } from '../../../support/settable-presence.ts';

export const RELAY = 'http://relay.test:7410';
const primitives = await nodePrimitives();

/** Lets everything that is on its way arrive; real key agreement runs in between. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 12; i += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** A phone with real keys, a fake relay, and a fake host that seals as the real one does. */
export function deviceSetUp(options: { fetch?: FetchLike } = {}) {
  const relay = new FakeRelay();
  const host = new FakeHost();
  const timers = new FakeTimers();
  const presence = new SettablePresence();
  const hostPair = primitives.generateKeyPair();
  const own = primitives.generateKeyPair();
  const psk = primitives.randomBytes(32);
  const grant = grantSchema.parse({
    hostKey: toBase64url(primitives.randomBytes(32)),
    device: toBase64url(primitives.randomBytes(16)),
    deviceKey: toBase64url(primitives.randomBytes(65)),
    epoch: 0,
    signature: toBase64url(primitives.randomBytes(64)),
  });
  const counters: number[] = [];
  const signed: string[] = [];
  const keys: DeviceKeys = {
    relay: RELAY,
    grant,
    hostKey: hostPair.publicKey,
    sealing: own,
    rootPsk: () => Promise.resolve(psk),
    sign: (text) => {
      signed.push(text);
      return Promise.resolve(new Uint8Array(64));
    },
    nextCounter: () => {
      counters.push(counters.length + 1);
      return Promise.resolve(counters.length);
    },
  };
  const prologue = prologueOf('session', channelOf(primitives, grant.hostKey), grant.device);
  /** False: it takes the first message and says nothing. */
  const answers = { on: true };
  relay.onSlot = (pipe) => {
    if (!answers.on) return;
    const key = { own: hostPair, remote: own.publicKey, psk, prologue, primitives };
    host.serve(respond({ pipe, ...key, accept: () => true, confirmed: () => {} }));
  };
  const link = new DeviceLink({
    keys,
    network: { socket: relay.socket, ...(options.fetch && { fetch: options.fetch }) },
    presence,
    primitives,
    timers,
    identity: { surface: 'phone', version: '0' },
    random: () => 0.5,
  });
  const surface = new ReconnectingHost(link.options);
  surface.notices.on((notice) => link.noticed(notice));
  const states: LinkState['kind'][] = [];
  surface.states.on(({ kind }) => states.push(kind));
  const start = async (): Promise<void> => {
    surface.start();
    link.begin(surface);
    await settle();
  };
  const pass = async (seconds: number): Promise<void> => {
    for (let s = 0; s < seconds; s += 1) {
      timers.advance(1_000);
      await settle();
    }
  };
  const stop = (): void => {
    surface.stop();
    link.close();
  };
  return {
    relay,
    host,
    timers,
    presence,
    link,
    surface,
    states,
    start,
    stop,
    pass,
    ...{ counters, signed, answers },
  };
}
