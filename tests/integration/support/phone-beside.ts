import type { Approval } from '../../../src/protocol/approval/approval.ts';
import type { Role } from '../../../src/protocol/devices.ts';
import type { SessionId } from '../../../src/protocol/ids.ts';
import { enrol } from '../../support/enrolled-device.ts';
import { HeadlessDevice } from '../../support/headless-device.ts';
import { eventually, type HostUnderTest } from './host-under-test.ts';

const RELAY_LIMIT_MS = 30_000;

/** A paired phone without a screen, at the relay that the host keeps beside itself. */
export class PhoneBeside {
  readonly device: HeadlessDevice;
  #approvals: readonly Approval[] = [];

  private constructor(device: HeadlessDevice) {
    this.device = device;
    device.surface.desks.on(({ approvals }) => (this.#approvals = approvals));
    device.surface.notices.on((notice) => {
      if (notice.name === 'desk.approvals') this.#approvals = notice.params.approvals;
    });
  }

  /** Before the host starts; `up` once it runs. */
  static enrolled(
    host: HostUnderTest,
    name: string,
    role: Role = 'operator',
  ): { up(): Promise<PhoneBeside> } {
    const { keys } = enrol(host.home, { name, role, via: 'own', relay: '' });
    return {
      up: async () => {
        const relay = await eventually(async () => {
          const { url, connected } = await host.client.call('relay.status', {});
          return connected ? url : null;
        }, RELAY_LIMIT_MS);
        const phone = new PhoneBeside(new HeadlessDevice({ ...keys, relay }, { name }));
        await phone.device.start();
        await phone.device.up();
        return phone;
      },
    };
  }

  /** The card that a session puts on its screen. */
  async card(sessionId: SessionId, limitMs: number): Promise<Approval> {
    return await this.device.until(
      () => this.#approvals.find((approval) => approval.sessionId === sessionId) ?? null,
      limitMs,
    );
  }

  get cards(): readonly Approval[] {
    return this.#approvals;
  }

  stop(): void {
    this.device.stop();
  }
}
