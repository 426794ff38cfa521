import type { FramePipe } from '../../connection/sealed/frame-pipe.ts';
import type { DhKeyPair } from '../../crypto/primitives.ts';
import type { Device, Role } from '../../protocol/devices.ts';
import type { Grant, RendezvousId } from '../../protocol/relay.ts';

export interface WantedWay {
  /** http(s) address of another relay than the configured one. */
  readonly relay?: string | undefined;
  /** Directly, by plain http on the local network. */
  readonly lan: boolean;
}

/**
 * The way from this host to a relay, held open for an offer. While at least one is open, or a
 * device is paired, the relay of this machine runs (where no other is configured).
 */
export interface OfferWay {
  /** As the phone dials it: http(s), no trailing slash. */
  readonly relay: string;
  /** Where the phone page is served: an origin, or the address of the relay. */
  readonly page: string;
  readonly lan: boolean;
  /** Who can dial `relay`: only this machine, the local network, or whoever knows it. */
  readonly reach: 'machine' | 'lan' | 'anywhere';
  /**
   * Admits one guest at a time until `seconds` are over or the result is called. `onGuest` may come
   * again after a guest has gone: it is the caller who burns an offer. Reopened after a reconnect.
   */
  openRendezvous(id: RendezvousId, seconds: number, onGuest: (pipe: FramePipe) => void): () => void;
  /** The connection to the relay is lost (words) or back (null). Returns its own undo. */
  onTrouble(listener: (words: string | null) => void): () => void;
  /** Lets go of the way; what a paired device needs stays. Twice does nothing. */
  close(): void;
}

export interface NewDevice {
  /** As it calls itself; made unique. */
  readonly name: string;
  readonly role: Role;
  /** Whose it is; absent: the owner's. */
  readonly person?: string | undefined;
  /** X25519, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** ECDSA P-256, 65 bytes, base64url. */
  readonly signingKey: string;
  /** `rootPsk(…)` of the pairing, 32 bytes; copied. */
  readonly rootPsk: Uint8Array;
  /** The way that it was paired over. */
  readonly way: Pick<OfferWay, 'relay' | 'lan'>;
}

/** What pairing needs of the host. Made in `compose-remote.ts`. */
export interface PairingGround {
  /** Made at first need. Throws in words when keys.json cannot be trusted or written. */
  sealingKey(): DhKeyPair;
  /** base64url of SHA-256 over the public sealing key. */
  hostId(): string;
  /** What devices see as the name of this machine. */
  hostName(): string;
  readonly version: string;
  /**
   * Starts what is needed and waits until the relay has admitted this host. Throws an `RpcFailure`
   * in words when that does not happen in time.
   */
  openWay(wanted: WantedWay): Promise<OfferWay>;
  /** Whether as many devices are paired as there may be. */
  isFull(): boolean;
  /** Durable when it returns. Throws an `RpcFailure` when there are too many. */
  addDevice(device: NewDevice): { device: Device; grant: Grant };
}
