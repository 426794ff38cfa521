import type { Place } from '../../../src/protocol/attention.ts';
import type { Role } from '../../../src/protocol/devices.ts';
import type { PushSubscriptionJson } from '../../../src/protocol/push.ts';
import type { DeviceId } from '../../../src/protocol/relay.ts';
import type { TakenPush } from '../../support/push-service.ts';
import { PushBrowser } from './push-browser.ts';

/** A paired device, and what its push service keeps for it while it is off. */
export class PushDevice {
  readonly id: DeviceId;
  readonly role: Role;
  readonly browser = new PushBrowser();
  /** null: the browser has none now. */
  subscription: PushSubscriptionJson | null = null;
  /** The host knows of `subscription`. */
  isTold = false;
  /** The way to the host, through the relay. */
  hasLink = true;
  /** Its last subscription ended while something waited for it there. */
  lostInbox = 0;
  #isOn = true;
  #inbox: TakenPush[] = [];

  constructor(id: DeviceId, role: Role) {
    this.id = id;
    this.role = role;
  }

  get place(): Place {
    return `device:${this.id}`;
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  /** RFC 8030 §5.4: of those with the same topic only the newest is kept for a device that is off. */
  arrived(push: TakenPush): void {
    if (this.subscription === null || !this.subscription.endpoint.endsWith(`/${push.to}`)) return;
    if (this.#isOn) return this.browser.push(push.payload);
    const others = this.#inbox.filter(({ topic }) => topic === null || topic !== push.topic);
    this.#inbox = [...others, push];
  }

  turn(isOn: boolean): void {
    this.#isOn = isOn;
    if (isOn) for (const { payload } of this.#inbox.splice(0)) this.browser.push(payload);
  }

  /** What waited for it is gone with it. */
  unsubscribed(): void {
    this.subscription = null;
    this.isTold = false;
    this.lostInbox += this.#inbox.splice(0).length;
  }
}
