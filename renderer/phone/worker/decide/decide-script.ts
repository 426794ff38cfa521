import '../../first/zod.ts';
import type { RelayNetwork } from '../../../../src/connection/device/ports.ts';
import { DecisionSigner } from '../../../../src/connection/device/sign-decision.ts';
import { webSockets } from '../../../../src/connection/device/web-sockets.ts';
import { systemTimers } from '../../../../src/connection/timers.ts';
import { withEphemeralsOf } from '../../../../src/crypto/ephemerals-of.ts';
import { nobleSymmetric } from '../../../../src/crypto/noble-symmetric.ts';
import { newCommandId } from '../../../state/uuid.ts';
import { plainEphemeral } from '../../keys/plain-keys.ts';
import { webEphemeral } from '../../keys/web-keys.ts';
import { subscriptionsOf } from '../../push/push-browser.ts';
import { PushStore } from '../../push/push-store.ts';
import { Database, isQuotaError } from '../../store/database.ts';
import { Hosts } from '../../store/hosts.ts';
import { Room } from '../../store/room.ts';
import { hostKeys } from '../../world/host-keys.ts';
import type { PushScope } from '../push/worker-world.ts';
import { decideAsked } from './decide.ts';
import { DECIDER, type Decider } from './decider.ts';
import { talkToHost, type HostTalkNeeds, type Talk } from './host-talk.ts';
import { renewSubscription } from './renew.ts';

// Loaded by the service worker where it decides: see `serve-push.ts`.

/** A person waits; and a browser ends workers that take longer than half a minute. */
const LIMIT_MS = 25_000;

// A worker's global scope is not in the page's types.
const scope = globalThis as unknown as PushScope;
const { subtle } = crypto;
const nowMs = (): number => Date.now();
const database = new Database();
const room = new Room(database);
const hosts = new Hosts(database, room, nowMs);
const network: RelayNetwork = {
  socket: webSockets((url, protocol) => new WebSocket(url, protocol)),
  fetch: (url, init) => fetch(url, init),
};

/** This phone's own keys and counters: the ones that its pages use. */
async function needsOf(hostId: string): Promise<HostTalkNeeds> {
  const stored = await hosts.get(hostId);
  if (stored === null) throw new Error('This phone is not paired with that computer any more');
  const { keys, areWeb } = await hostKeys(stored, hosts, subtle);
  const ephemeral = areWeb ? () => webEphemeral(subtle) : async () => plainEphemeral();
  const primitives = withEphemeralsOf(nobleSymmetric, ephemeral);
  return { keys, network, primitives, timers: systemTimers };
}

/** Each message is counted before it is sent; without room for that it would be tried to no end. */
async function isFull(hostId: string): Promise<boolean> {
  try {
    await hosts.change(hostId, {});
    return false;
  } catch (error) {
    if (isQuotaError(error)) return true;
    throw error;
  }
}

async function talk<T>(
  hostId: string,
  needs: HostTalkNeeds,
  work: (talk: Talk) => Promise<T>,
): Promise<T> {
  return await talkToHost(needs, LIMIT_MS, async (open) => {
    const done = await work(open);
    // What is said of its silence counts from here.
    await hosts.change(hostId, { seenAtMs: nowMs() }).catch(() => {});
    return done;
  });
}

const decider: Decider = {
  decide: async (asked) => {
    const needs = await needsOf(asked.host);
    if (await isFull(asked.host)) return { kind: 'toCard', why: 'full' };
    return await decideAsked(asked, {
      talk: async (work) => await talk(asked.host, needs, work),
      signer: new DecisionSigner({ keys: needs.keys, sha256: nobleSymmetric.sha256 }),
      commandId: newCommandId(),
    });
  },
  renew: async (hostId) => {
    const needs = await needsOf(hostId);
    const { pushManager } = scope.registration;
    if (pushManager === undefined) return;
    await renewSubscription(hostId, {
      door: subscriptionsOf(pushManager),
      pushes: new PushStore(database, room),
      talk: async (work) => await talk(hostId, needs, work),
      maxActions: scope.Notification?.maxActions ?? 0,
      userAgent: scope.navigator.userAgent,
    });
  },
};
Reflect.set(globalThis, DECIDER, decider);
