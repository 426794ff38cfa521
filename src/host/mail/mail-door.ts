import { Peer } from '../../connection/peer.ts';
import type { Transport } from '../../connection/transport.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';
import type { DeviceId } from '../../protocol/relay.ts';
import type { DeviceRecord } from '../devices/device-record.ts';
import type { DeviceSurface, RemoteSurface } from '../relay/sealed-door.ts';
import { innerPipe } from './inner-pipe.ts';

export interface MailDoorNeeds {
  /** Takes a connection of a device into service, as one that came over a relay. */
  accept(transport: Transport, remote: RemoteSurface): DeviceSurface;
  readonly version: string;
}

/**
 * Where a command comes in that was left for this host: by a connection like any other device's, so
 * that its role, its bounds, its audit and the memory of commands are those of all others.
 */
export class MailDoor {
  readonly #needs: MailDoorNeeds;
  readonly #open = new Map<DeviceSurface, DeviceId>();

  constructor(needs: MailDoorNeeds) {
    this.#needs = needs;
  }

  /**
   * Does it under the role that `device` has now. Rejects with an `RpcFailure` where the host
   * refuses it; with anything else, and with an `RpcFailure` that is `internal`, where it is not
   * known what became of it.
   */
  async run(
    { id, name, role }: DeviceRecord,
    method: string,
    params: Readonly<Record<string, unknown>>,
    limitMs: number,
  ): Promise<void> {
    const { accept, version } = this.#needs;
    const [host, device] = innerPipe();
    const surface = accept(host, {
      ...{ role, device: { id, name } },
      closed: () => void this.#open.delete(surface),
    });
    this.#open.set(surface, id);
    const peer = new Peer(device, {
      // Who asks whether the device is there must not hear that it is.
      request: async () => await new Promise<never>(() => {}),
      notification: () => {},
      close: () => {},
    });
    try {
      await peer.request('hello', { protocol: PROTOCOL_VERSION, surface: 'mail', version });
      await peer.request(method, params, limitMs);
    } finally {
      surface.close('it was read');
    }
  }

  /** Its rights are others now, or it has none any more: what is not begun is not done under the old ones. */
  cut(device: DeviceId): void {
    for (const [surface, id] of [...this.#open])
      if (id === device) surface.close('the rights of this device changed');
  }

  close(): void {
    for (const surface of [...this.#open.keys()]) surface.close('the host leaves');
  }
}
