import type { DBSchema, IDBPDatabase } from 'idb';
import type { KeptHead } from '../../../src/connection/device/audit-watch.ts';
import type { OutboxEntry } from '../../../src/connection/device/ports.ts';
import type { Role } from '../../../src/protocol/devices.ts';
import type { SessionId } from '../../../src/protocol/ids.ts';
import type { ServiceStatus } from '../../../src/protocol/reach.ts';
import type { Grant } from '../../../src/protocol/relay.ts';
import type { StoredKeys, StoredPsk } from '../keys/stored-keys.ts';

export const DATABASE = 'porchlight';
/** Counted up with each change below; `migrate` has a step for each. */
export const SCHEMA_VERSION = 3;

/** One host this phone is paired with. Never dropped to make room. */
export interface StoredHost {
  /** base64url of SHA-256 over the host's X25519 key. */
  readonly hostId: string;
  readonly name: string;
  readonly relay: string;
  readonly device: { readonly id: string; readonly name: string; readonly role: Role };
  readonly grant: Grant;
  readonly hostKey: Uint8Array;
  readonly psk: StoredPsk;
  readonly pairedAtMs: number;
  /** When something of the host itself last arrived; null: never since the pairing. */
  readonly seenAtMs: number | null;
  /** Since when its machine sleeps, as it said itself; absent before this was kept. */
  readonly asleepSinceMs?: number | null;
  /** What brings it back after a reboot, as it said when it was last here; absent: it did not. */
  readonly service?: ServiceStatus;
  /** When it was ended by hand, as it said, and not heard of since; absent before this was kept. */
  readonly stoppedAtMs?: number | null;
}

/** What one host's list looked like. `desk` is checked when it is read: a newer page may know more. */
export interface StoredDesk {
  readonly hostId: string;
  readonly atMs: number;
  readonly desk: unknown;
  /** Its last word was that it goes to sleep; absent before this was kept. */
  readonly asleep?: unknown;
}

/** How far a session is kept, and its folded state there. The events are in a store of their own. */
export interface StoredSession {
  readonly hostId: string;
  readonly sessionId: SessionId;
  readonly epoch: string;
  /** seq of the last kept event; `state` is the fold up to it. */
  readonly cursor: number;
  readonly state: unknown;
  /** seq of the newest event before the kept ones; 0: none. */
  readonly earlier: number;
  readonly events: number;
  readonly bytes: number;
  readonly usedAtMs: number;
}

export interface StoredEvent {
  readonly hostId: string;
  readonly sessionId: SessionId;
  readonly seq: number;
  readonly bytes: number;
  readonly event: unknown;
}

export interface StoredCommand {
  readonly hostId: string;
  readonly commandId: string;
  readonly order: number;
  readonly entry: OutboxEntry;
}

/** Pushes of one host: written by the pages and by the service worker. */
export interface StoredPush {
  readonly hostId: string;
  /** What the person wants; null: nothing was said yet. */
  readonly wanted: boolean | null;
  /** Kinds that were asked for; null: all. Checked when they are read. */
  readonly kinds: readonly string[] | null;
  /** Below which path its own service worker is registered; `''`: the page's; null: none yet. */
  readonly scope: string | null;
  /** The subscription that the host knows, and the key of the host that it is for; null: none. */
  readonly told: { readonly endpoint: string; readonly key: string } | null;
  /** What was shown, or withdrawn (`gone`), newest last; bounded. */
  readonly shown: readonly {
    readonly tag: string;
    readonly round: number;
    readonly gone?: true;
  }[];
  /** What was opened from a notification, and the host not told of yet; bounded. */
  readonly seen: readonly string[];
  /** How many things asked for a person, as the last push said. */
  readonly badge: number;
}

export interface PhoneSchema extends DBSchema {
  hosts: { key: string; value: StoredHost };
  /**
   * By host. Apart from what is known of the hosts: a browser that cannot unlock a stored key (its
   * own storage was put back from another device) gives null for the whole record it is in.
   */
  keys: { key: string; value: StoredKeys | null };
  /** Connection counters by host: a store of their own, so that nothing else ever writes them. */
  counters: { key: string; value: number };
  desks: { key: string; value: StoredDesk };
  sessions: {
    key: [string, string];
    value: StoredSession;
    indexes: { byUse: number };
  };
  events: { key: [string, string, number]; value: StoredEvent };
  outbox: {
    key: [string, string];
    value: StoredCommand;
    indexes: { byOrder: [string, number] };
  };
  /** By host: the newest entry that this phone saw of its audit log. */
  audits: { key: string; value: KeptHead };
  pushes: { key: string; value: StoredPush };
  /** Keys of a pairing under way, made and proven storable before it begins. */
  pending: { key: string; value: StoredKeys | null };
  settings: { key: string; value: unknown };
}

export type PhoneDatabase = IDBPDatabase<PhoneSchema>;

/** Brings a phone's storage from any earlier version to this one; steps are only ever added. */
export function migrate(db: PhoneDatabase, from: number): void {
  if (from < 1) {
    db.createObjectStore('hosts', { keyPath: 'hostId' });
    db.createObjectStore('keys');
    db.createObjectStore('counters');
    db.createObjectStore('desks', { keyPath: 'hostId' });
    db.createObjectStore('sessions', { keyPath: ['hostId', 'sessionId'] }).createIndex(
      'byUse',
      'usedAtMs',
    );
    db.createObjectStore('events', { keyPath: ['hostId', 'sessionId', 'seq'] });
    db.createObjectStore('outbox', { keyPath: ['hostId', 'commandId'] }).createIndex('byOrder', [
      'hostId',
      'order',
    ]);
    db.createObjectStore('pending');
    db.createObjectStore('settings');
  }
  if (from < 2) db.createObjectStore('audits');
  if (from < 3) db.createObjectStore('pushes', { keyPath: 'hostId' });
}
