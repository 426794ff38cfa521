import type { Emitter } from '../../base/emitter.ts';
import type { Timers } from '../../connection/timers.ts';
import type { Device } from '../../protocol/devices.ts';
import type { PushState } from '../../protocol/push.ts';
import type { DeviceId } from '../../protocol/relay.ts';
import type { Handlers } from '../api/handlers.ts';
import type { BookChange, DeviceBook } from './device-book.ts';
import type { DeviceRecord } from './device-record.ts';

/** Pages come and go together: what changes at once is told at once. */
const TELL_AFTER_MS = 50;

type DeviceMethods = Pick<
  Handlers,
  'devices.list' | 'devices.rename' | 'devices.setRole' | 'devices.setPerson' | 'devices.revoke'
>;
type Surface = Parameters<DeviceMethods['devices.list']>[1];

export interface DevicesNeeds {
  readonly book: DeviceBook;
  /** Who is there now. */
  readonly door: {
    readonly changed: Pick<Emitter<DeviceId>, 'on'>;
    presence(id: DeviceId): { connections: number; heardAtMs: number | null };
  };
  readonly timers: Pick<Timers, 'after'>;
  /** Whose a device is that nobody has said it of. */
  readonly owner: string;
  /** How pushes to a device fare; null: it did not ask to be told. */
  push?(id: DeviceId): PushState | null;
}

/** The paired devices as surfaces of this machine see and change them. */
export class Devices {
  readonly #needs: DevicesNeeds;
  readonly #listeners = new Set<Surface>();
  #isTelling = false;

  constructor(needs: DevicesNeeds) {
    this.#needs = needs;
    needs.book.changed.on((change: BookChange) => {
      if (change.kind !== 'seen') this.#tellSoon();
    });
    needs.door.changed.on(() => this.#tellSoon());
  }

  all(): Device[] {
    return this.#needs.book.all().map((record) => this.present(record));
  }

  present(record: DeviceRecord): Device {
    const { id, name, role, pairedAt, via, passkey } = record;
    const { person = this.#needs.owner } = record;
    const { connections, heardAtMs } = this.#needs.door.presence(id);
    const heardAt = heardAtMs === null ? null : new Date(heardAtMs).toISOString();
    const { lastSeenAt } = record;
    return {
      ...{ id, name, role, pairedAt, via, connections, person },
      passkey: passkey !== undefined,
      ...(this.#needs.push !== undefined && { push: this.#needs.push(id) }),
      online: connections > 0,
      lastSeenAt:
        heardAt !== null && (lastSeenAt === null || heardAt > lastSeenAt) ? heardAt : lastSeenAt,
    };
  }

  methods(): DeviceMethods {
    const { book } = this.#needs;
    return {
      'devices.list': (_, surface) => {
        surface.hold('devices', () => {
          this.#listeners.add(surface);
          return { close: () => void this.#listeners.delete(surface) };
        });
        return { devices: this.all() };
      },
      'devices.rename': ({ device, name }) => ({
        device: this.present(book.rename(device, name)),
      }),
      'devices.setRole': ({ device, role }) => ({
        device: this.present(book.setRole(device, role)),
      }),
      'devices.setPerson': ({ device, person }) => ({
        device: this.present(book.setPerson(device, person)),
      }),
      'devices.revoke': (which) => ({
        revoked: 'all' in which ? book.revokeAll() : book.revoke(which.device),
      }),
    };
  }

  /** What is shown of a device beside its record is another. */
  changed(): void {
    this.#tellSoon();
  }

  #tellSoon(): void {
    if (this.#isTelling || this.#listeners.size === 0) return;
    this.#isTelling = true;
    this.#needs.timers.after(TELL_AFTER_MS, () => {
      this.#isTelling = false;
      const devices = this.all();
      for (const surface of this.#listeners) surface.notify('devices.changed', { devices });
    });
  }
}
