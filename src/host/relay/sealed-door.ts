import { Emitter } from '../../base/emitter.ts';
import type { Logger } from '../../base/log.ts';
import type { FramePipe } from '../../connection/sealed/frame-pipe.ts';
import { respond } from '../../connection/sealed/open.ts';
import type { SealedPorts, SealedTransport } from '../../connection/sealed/sealed-transport.ts';
import type { Transport } from '../../connection/transport.ts';
import type { DhKeyPair, Primitives } from '../../crypto/primitives.ts';
import { prologueOf } from '../../crypto/prologue.ts';
import type { Role } from '../../protocol/devices.ts';
import type { ChannelId, DeviceId } from '../../protocol/relay.ts';
import type { DeviceBook } from '../devices/device-book.ts';
import type { DeviceRecord } from '../devices/device-record.ts';

/** Pages of one device; the oldest makes room for a new one. */
const MAX_PER_DEVICE = 8;
/** Of one device, that have not proved to be there: recordings played again would be among them. */
const MAX_UNCONFIRMED = 4;
const MAX_IN_ALL = 256;

export interface DeviceSurface {
  close(reason: string): void;
}

export interface RemoteSurface {
  readonly role: Role;
  readonly device: { readonly id: DeviceId; readonly name: string };
  closed(): void;
}

export interface SealedDoorNeeds {
  readonly book: DeviceBook;
  /** Only asked for once a device is known. */
  keys(): {
    readonly own: DhKeyPair;
    readonly channel: ChannelId;
    readonly primitives: Primitives;
  };
  /** Takes the transport into service at once. */
  accept(transport: Transport, remote: RemoteSurface): DeviceSurface;
  readonly logger: Logger;
  readonly ports?: Partial<SealedPorts>;
}

interface Connection {
  readonly transport: SealedTransport;
  surface: DeviceSurface | null;
  isConfirmed: boolean;
}

/**
 * Where devices come in: only those of the book, each by its own keys, and each first message once.
 * Whoever is not known is sent away without a word.
 */
export class SealedDoor {
  /** Somebody came or went. */
  readonly changed = new Emitter<DeviceId>();
  readonly #needs: SealedDoorNeeds;
  readonly #connections = new Map<DeviceId, Set<Connection>>();
  /** `own.dh(device)`, which is the same for every connection of a device. */
  readonly #shared = new Map<DeviceId, Uint8Array>();
  #count = 0;

  constructor(needs: SealedDoorNeeds) {
    this.#needs = needs;
    needs.book.changed.on((change) => {
      if (change.kind === 'revoked') for (const { id } of change.devices) this.#forget(id);
      if (change.kind === 'roleSet') this.#cut(change.device.id, 'the role of this device changed');
    });
  }

  /** Connections now, and when the newest of them was last heard of. */
  presence(id: DeviceId): { readonly connections: number; readonly heardAtMs: number | null } {
    const confirmed = [...(this.#connections.get(id) ?? [])].filter((each) => each.isConfirmed);
    const heard = confirmed.map(({ transport }) => transport.lastHeardAtMs ?? 0);
    return {
      connections: confirmed.length,
      heardAtMs: heard.length === 0 ? null : Math.max(...heard),
    };
  }

  admit(id: DeviceId, pipe: FramePipe): void {
    const { book, logger } = this.#needs;
    const device = book.find(id);
    if (device === null) return pipe.close('');
    const others = this.#connections.get(id) ?? new Set<Connection>();
    const unconfirmed = [...others].filter((each) => !each.isConfirmed).length;
    if (unconfirmed >= MAX_UNCONFIRMED || this.#count >= MAX_IN_ALL) {
      logger.warn({ device: id, connections: this.#count }, 'too many connections at once');
      return pipe.close('too many connections at once: try again');
    }
    this.#connections.set(id, others);
    this.#open(device, pipe, others);
  }

  /** Ends every connection; devices come again. */
  close(reason: string): void {
    for (const id of [...this.#connections.keys()]) this.#cut(id, reason);
  }

  #open(device: DeviceRecord, pipe: FramePipe, others: Set<Connection>): void {
    const { book, keys, accept, ports, logger } = this.#needs;
    const { id } = device;
    const { own, channel, primitives } = keys();
    const psk = bytesOf(device.rootPsk);
    const remote = bytesOf(device.publicKey);
    const transport = respond({
      pipe,
      own,
      remote,
      psk,
      primitives,
      prologue: prologueOf('session', channel, id),
      ...this.#sharedWith(id, own, remote),
      accept: (counter) => book.accepts(id, counter),
      confirmed: (counter) => this.#onConfirmed(id, connection, counter),
      ...(ports !== undefined && { ports }),
    });
    const connection: Connection = { transport, surface: null, isConfirmed: false };
    others.add(connection);
    this.#count += 1;
    connection.surface = accept(transport, {
      role: device.role,
      device: {
        id,
        // As it is called now: what it does is told under that name.
        get name() {
          return book.find(id)?.name ?? device.name;
        },
      },
      closed: () => {
        if (!others.delete(connection)) return;
        this.#count -= 1;
        if (others.size === 0 && this.#connections.get(id) === others) this.#connections.delete(id);
        if (!connection.isConfirmed) return;
        this.#noteSeen(id, transport.lastHeardAtMs);
        this.changed.emit(id);
      },
    });
    logger.info({ device: id }, 'a device connects');
  }

  /** Before anything of the device takes effect that a recording could not have said. */
  #onConfirmed(id: DeviceId, connection: Connection, counter: number): void {
    const { book, logger } = this.#needs;
    try {
      if (!book.confirm(id, counter)) return connection.surface?.close('');
    } catch (error) {
      logger.error({ err: error, device: id }, 'a connection could not be noted, so it is refused');
      return connection.surface?.close('the host cannot write to its disk');
    }
    connection.isConfirmed = true;
    const confirmed = [...(this.#connections.get(id) ?? [])].filter((each) => each.isConfirmed);
    for (const { surface } of confirmed.slice(0, -MAX_PER_DEVICE))
      surface?.close('this device has too many connections: the oldest was ended');
    this.changed.emit(id);
  }

  #sharedWith(
    id: DeviceId,
    own: DhKeyPair,
    remote: Uint8Array,
  ): { readonly staticShared?: Uint8Array } {
    const known = this.#shared.get(id);
    if (known !== undefined) return { staticShared: known };
    const made = own.dh(remote);
    // Only a page computes it asynchronously.
    if (!(made instanceof Uint8Array)) return {};
    this.#shared.set(id, made);
    return { staticShared: made };
  }

  #noteSeen(id: DeviceId, heardAtMs: number | null): void {
    try {
      if (heardAtMs !== null) this.#needs.book.seen(id, new Date(heardAtMs));
    } catch (error) {
      this.#needs.logger.warn({ err: error }, 'when a device was last seen could not be kept');
    }
  }

  #forget(id: DeviceId): void {
    this.#cut(id, 'this device was revoked');
    this.#shared.get(id)?.fill(0);
    this.#shared.delete(id);
  }

  #cut(id: DeviceId, reason: string): void {
    const connections = [...(this.#connections.get(id) ?? [])];
    for (const { surface } of connections) surface?.close(reason);
  }
}

function bytesOf(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'base64url'));
}
