import type { Emitter } from '../../base/emitter.ts';
import type { DhKeyPair } from '../../crypto/primitives.ts';
import type { MethodName, Params } from '../../protocol/methods.ts';
import type { CommandId } from '../../protocol/ids.ts';
import type { Grant, MailId } from '../../protocol/relay.ts';

/** What a WebSocket tells, each from a turn of its own; after `closed` nothing more. */
export interface SocketEvents {
  opened(): void;
  text(text: string): void;
  /** A binary frame; the array is the receiver's. */
  cargo(bytes: Uint8Array): void;
  /** 1006 where the network gives no code. */
  closed(code: number, reason: string): void;
}

export interface OpenSocket {
  /** Bytes handed over and not yet on the network. */
  readonly bufferedBytes: number;
  send(data: string | Uint8Array): void;
  /** `closed` follows, with whatever code. Again: nothing. */
  close(code?: number, reason?: string): void;
}

/** Starts to open a WebSocket; never throws, `closed` says what is wrong. */
export type SocketFactory = (url: string, protocol: string, on: SocketEvents) => OpenSocket;

/** As much of `fetch` as the fallback needs; the global one of a page or of Node fits. */
export type FetchLike = (
  url: string,
  init: {
    readonly method: 'GET' | 'POST';
    readonly headers?: Record<string, string>;
    readonly body?: string;
    readonly cache?: 'no-store';
    readonly signal?: AbortSignal;
  },
) => Promise<{
  readonly ok: boolean;
  readonly status: number;
  readonly body: {
    getReader(): {
      read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array }>;
      cancel(): Promise<void>;
    };
  } | null;
  text(): Promise<string>;
}>;

/** The ways to a relay that a runtime has. */
export interface RelayNetwork {
  readonly socket: SocketFactory;
  /** Absent: no fallback where WebSocket is blocked. */
  readonly fetch?: FetchLike;
}

/** What a device keeps of one host that it was paired with, and what it can do with its own keys. */
export interface DeviceKeys {
  /** http(s) address of the relay, without a trailing slash. */
  readonly relay: string;
  /** Names this device, its signing key, and (by `hostKey`, Ed25519) the channel. */
  readonly grant: Grant;
  /** X25519, 32 bytes: the host's static key, pinned at pairing. */
  readonly hostKey: Uint8Array;
  /** X25519: this device's own. */
  readonly sealing: DhKeyPair;
  /** 32 bytes, shared with the host since the pairing. The receiver does not keep it. */
  rootPsk(): Promise<Uint8Array>;
  /** ECDSA P-256 with SHA-256 over the text's UTF-8, as r ‖ s: 64 bytes. By the grant's `deviceKey`. */
  sign(text: string): Promise<Uint8Array>;
  /**
   * Strictly greater than any given before, for all pages of this device together, and durable
   * before it is given: the host refuses one that it has seen. From 1; below 2^53.
   */
  nextCounter(): Promise<number>;
}

/** Whether a person is looking at the page, and whether the device believes to have a network. */
export interface Presence {
  readonly isVisible: boolean;
  readonly isOnline: boolean;
  /** Either changed. Returns its own undo. */
  on(changed: () => void): () => void;
}

/** Methods that may wait in the outbox: their parameters hold a command id. */
export type CommandMethod = {
  [M in MethodName]: Params<M> extends { readonly commandId: string } ? M : never;
}[MethodName];

/** A command that waits for its answer. `params` as they will be sent, `commandId` among them. */
export interface OutboxEntry {
  readonly commandId: CommandId;
  readonly method: CommandMethod;
  readonly params: Readonly<Record<string, unknown>>;
  /** By this device's clock, when the person gave it. */
  readonly madeAtMs: number;
  /** Set when the host, its age or its size ended it: in words, shown until the person dismisses it. */
  readonly refused?: string;
  /** Kept before it is left at the relay, since the host is away; gone again where that surely did not keep it. */
  readonly mail?: EntryMail;
}

export interface EntryMail {
  /** Left again under the same id it is the same mail. */
  readonly id: MailId;
  /** When the relay said that it keeps it, and until when it does; absent: it has not, and may keep it. */
  readonly left?: { readonly atMs: number; readonly untilMs: number };
}

/** Where commands are left for a host that is away. */
export interface Mailbox {
  /** How long each is kept there; null: there is none, or the host is here. */
  readonly maxAgeMs: number | null;
  readonly changed: Pick<Emitter<void>, 'on'>;
  newId(): MailId;
  /**
   * `left`: the relay has it on its disks. `tooBig`: it never will. `later`: it surely has not, and
   * may another time. Rejects where no sure answer came: it may be left all the same.
   */
  leave(entry: OutboxEntry, id: MailId): Promise<'left' | 'tooBig' | 'later'>;
}

/**
 * Where commands wait, for all pages of a device together; one store a host. A method resolves when
 * its change will outlive the page.
 */
export interface OutboxStore {
  /** In the order in which they were added. */
  all(): Promise<readonly OutboxEntry[]>;
  /** At the end; one that is there already is replaced in its place. */
  put(entry: OutboxEntry): Promise<void>;
  remove(commandId: CommandId): Promise<void>;
  /** Another page of this device changed it. Returns its own undo. */
  on(changed: () => void): () => void;
}

/** One holder among all pages of this device: `navigator.locks.request` in a page. */
export interface Lock {
  /** Waits its turn; `signal` ends the wait (it rejects then), not the run. */
  hold<T>(signal: AbortSignal, run: () => Promise<T>): Promise<T>;
}
