import { fromBase64url, toBase64url } from '../../../src/base/base64url.ts';
import {
  commandIdSchema,
  epochSchema,
  sessionIdSchema,
  type SessionId,
} from '../../../src/protocol/ids.ts';
import { deviceIdSchema } from '../../../src/protocol/relay.ts';
import { sessionEventSchema, type SessionEvent } from '../../../src/protocol/session/events.ts';
import { reduce } from '../../../src/protocol/session/reduce.ts';
import type { SessionState } from '../../../src/protocol/session/state.ts';
import { keysInUse } from '../../../renderer/phone/keys/device-keys.ts';
import { makeBytes, makeKeys } from '../../../renderer/phone/keys/make-keys.ts';
import { Changes } from '../../../renderer/phone/store/changes.ts';
import { Database } from '../../../renderer/phone/store/database.ts';
import { Hosts } from '../../../renderer/phone/store/hosts.ts';
import { StoredOutbox } from '../../../renderer/phone/store/outbox.ts';
import { Room } from '../../../renderer/phone/store/room.ts';
import type { PhoneDatabase } from '../../../renderer/phone/store/schema.ts';
import { SessionCache } from '../../../renderer/phone/store/session-cache.ts';

// The phone's storage in a page of its own: a test drives it by name, with plain values.

const HOST = 'host-1';
const database = new Database();
const room = new Room(database);
const nowMs = (): number => 1_000;
const hosts = new Hosts(database, room, nowMs);
const cache = new SessionCache(database, room, HOST, nowMs);
const outbox = new StoredOutbox(database, room, HOST, new Changes());
const troubles: string[] = [];
database.troubles.on((trouble) => troubles.push(trouble));
let outboxChanges = 0;
outbox.on(() => (outboxChanges += 1));

const bytes = (text: string): Uint8Array => fromBase64url(text) ?? new Uint8Array();
const idOf = (n: number): SessionId => sessionIdSchema.parse(`s_${String(n).padStart(12, '0')}`);

/** A history of one session: its beginning, and titles of a given length. */
function history(n: number, from: number, to: number, chars = 10): SessionEvent[] {
  const events: SessionEvent[] = [];
  for (let seq = from; seq <= to; seq += 1) {
    const body =
      seq === 1
        ? {
            type: 'session.created',
            sessionId: idOf(n),
            agent: 'demo',
            cwd: '/home/me',
            worktree: null,
            mode: 'ask',
            title: 'first',
            by: 'me',
          }
        : { type: 'session.titled', title: `${seq}`.padEnd(chars, 'x'), by: 'me' };
    events.push(sessionEventSchema.parse({ seq, at: '2026-01-01T00:00:00.000Z', ...body }));
  }
  return events;
}

const folded = (n: number, to: number): SessionState =>
  history(n, 1, to).reduce<SessionState | null>((state, event) => reduce(state, event), null) ??
  fail();

function fail(): never {
  throw new Error('an empty history');
}

/** Makes the next `times` writes fail as a full disk does. */
let fullFor = 0;
const run = database.run.bind(database);
database.run = async <T>(work: (db: PhoneDatabase) => Promise<T>): Promise<T> =>
  await run(async (db) => {
    const isWrite = work.toString().includes('put');
    if (fullFor > 0 && isWrite) {
      fullFor -= 1;
      throw new DOMException('full', 'QuotaExceededError');
    }
    return await work(db);
  });

const scenarios = {
  pair: async (psk: string, kind: 'web' | 'bytes') => {
    const keys =
      (await hosts.proveKeys(kind === 'web' ? await makeKeys(crypto.subtle) : makeBytes())) ??
      makeBytes();
    const own = keysInUse(keys, crypto.subtle);
    await hosts.add(
      {
        hostId: HOST,
        name: 'desk',
        relay: 'https://relay.example',
        device: { id: 'd', name: 'Phone', role: 'approver' },
        grant: {
          hostKey: '',
          device: deviceIdSchema.parse('A'.repeat(22)),
          deviceKey: '',
          epoch: 0,
          signature: '',
        },
        hostKey: new Uint8Array(32),
        psk: await own.wrap(bytes(psk)),
        pairedAtMs: 1,
        seenAtMs: null,
      },
      keys,
    );
    return {
      kind: keys.kind,
      sealing: toBase64url(keys.sealingPublic),
      signing: toBase64url(keys.signingPublic),
    };
  },
  use: async (remote: string, text: string) => {
    const host = await hosts.get(HOST);
    const keys = await hosts.keysOf(HOST);
    if (host === null || keys === null) return null;
    const own = keysInUse(keys, crypto.subtle);
    return {
      shared: toBase64url(await own.sealing.dh(bytes(remote))),
      signature: toBase64url(await own.sign(text)),
      psk: toBase64url(await own.unwrap(host.psk)),
    };
  },
  /** Whether a script in this page can carry the secrets away. */
  steal: async () => {
    const keys = await hosts.keysOf(HOST);
    if (keys?.kind !== 'web') return 'bytes';
    const { sealing, signing, wrapping } = keys;
    const taken = await Promise.allSettled([
      crypto.subtle.exportKey('pkcs8', sealing.privateKey),
      crypto.subtle.exportKey('jwk', signing.privateKey),
      crypto.subtle.exportKey('raw', wrapping),
    ]);
    return taken.map(({ status }) => status);
  },
  count: async (times: number) => {
    const counters: number[] = [];
    for (let i = 0; i < times; i += 1) counters.push(await hosts.nextCounter(HOST));
    return counters;
  },
  startOver: async (n: number, from: number, to: number, chars?: number) =>
    await cache.advance({
      sessionId: idOf(n),
      epoch: epochSchema.parse('e1'),
      events: history(n, from, to, chars),
      state: folded(n, to),
      startOver: { earlier: from - 1 },
    }),
  advance: async (n: number, from: number, to: number, epoch = 'e1') =>
    await cache.advance({
      sessionId: idOf(n),
      epoch: epochSchema.parse(epoch),
      events: history(n, from, to),
      state: folded(n, to),
      startOver: null,
    }),
  load: async (n: number) => {
    const kept = await cache.load(idOf(n));
    if (kept === null) return null;
    const seqs = kept.events.map(({ seq }) => seq);
    return {
      epoch: kept.epoch,
      cursor: kept.state.lastSeq,
      title: kept.state.title.replaceAll('x', ''),
      first: seqs[0] ?? null,
      last: seqs.at(-1) ?? null,
      count: seqs.length,
      earlier: kept.earlier,
    };
  },
  damage: async (n: number) =>
    await database.run(async (db) => {
      const session = await db.get('sessions', [HOST, idOf(n)]);
      if (session !== undefined) await db.put('sessions', { ...session, state: { odd: true } });
    }),
  queue: async (ids: string[]) => {
    for (const [at, id] of ids.entries())
      await outbox.put({
        commandId: commandIdSchema.parse(id),
        method: 'session.send',
        params: { at },
        madeAtMs: at,
      });
    return (await outbox.all()).map(({ commandId, params }) => [commandId, params]);
  },
  unqueue: async (id: string) => await outbox.remove(commandIdSchema.parse(id)),
  outboxChanges: async () => outboxChanges,
  full: async (times: number) => void (fullFor = times),
  forget: async () => await hosts.forget(HOST),
  left: async () =>
    await database.run(async (db) => ({
      hosts: await db.count('hosts'),
      counters: await db.count('counters'),
      sessions: await db.count('sessions'),
      events: await db.count('events'),
      outbox: await db.count('outbox'),
    })),
  troubles: async () => troubles,
  /** A page of a later version opens the storage. */
  upgrade: async () =>
    await new Promise<string>((resolve) => {
      const opening = indexedDB.open('porchlight', 1_000);
      opening.onsuccess = () => {
        opening.result.close();
        resolve('open');
      };
      opening.onerror = () => resolve(String(opening.error));
      opening.onblocked = () => resolve('blocked');
    }),
  touch: async () => String(await hosts.all().then(() => 'fine', String)),
};

Object.assign(globalThis, { storage: scenarios });
