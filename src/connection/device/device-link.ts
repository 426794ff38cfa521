import type { HandshakePrimitives } from '../../crypto/primitives.ts';
import type { HostNotice, SurfaceIdentity } from '../host-client.ts';
import type { ReconnectOptions } from '../reconnect.ts';
import type { Timers } from '../timers.ts';
import { LinkWatch, type KeptFacts } from './link-facts.ts';
import type { DeviceKeys, Mailbox, Presence, RelayNetwork } from './ports.ts';
import { channelOf } from './names.ts';
import { RelayDial } from './relay-dial.ts';
import { RelayMailbox } from './relay-mailbox.ts';

/** While a person looks: so often, and with {@link ANSWER_LIMIT_MS} a dead way is seen within 15 s. */
export const CHECK_EVERY_MS = 10_000;

/** Long enough that nobody waits whose network is merely bad, and short enough to rest one that is not there. */
const STEADY_MS = 3_000;

export interface DeviceLinkNeeds {
  readonly keys: DeviceKeys;
  readonly network: RelayNetwork;
  readonly presence: Presence;
  readonly primitives: HandshakePrimitives;
  readonly identity: SurfaceIdentity;
  readonly timers: Timers;
  /** In [0, 1). */
  random(): number;
  /** What was known of the host before this start. */
  readonly known?: KeptFacts;
}

/**
 * One host as a device reaches it: what a ReconnectingHost (or the HostLink of a page) is made with,
 * the honest facts beside it, and the checks while somebody looks. A page that nobody looks at sends
 * nothing of its own.
 */
export class DeviceLink {
  readonly watch: LinkWatch;
  /** Where commands are left while the host is away. */
  readonly mailbox: Mailbox;
  readonly options: ReconnectOptions;
  readonly #needs: DeviceLinkNeeds;
  readonly #dial: RelayDial;
  #host: { retryNow(): void } | null = null;
  #undo: () => void = () => {};
  #cancelCheck: () => void = () => {};

  constructor(needs: DeviceLinkNeeds) {
    const { timers, identity, random } = needs;
    this.#needs = needs;
    this.watch = new LinkWatch(timers, needs.known);
    const { keys, primitives } = needs;
    const channel = channelOf(primitives, keys.grant.hostKey);
    const mailbox = new RelayMailbox({ ...{ keys, primitives, timers }, channel });
    this.mailbox = mailbox;
    this.#dial = new RelayDial({ ...needs, watch: this.watch, mailbox });
    this.options = {
      identity,
      timers,
      random,
      open: async () => await this.#dial.open(),
      why: () => this.#dial.why(),
      steadyMs: STEADY_MS,
    };
  }

  /** From now on the host that was made with `options` is woken, and what is open is checked. */
  begin(host: { retryNow(): void }): void {
    this.#host = host;
    this.#undo = this.#needs.presence.on(() => this.#onPresence());
    this.watch.network(this.#needs.presence.isOnline);
    this.#plan();
  }

  /** The person wants to know, or the way may have changed: asks all legs, and tries what is down. */
  checkNow(): void {
    this.#host?.retryNow();
    this.#dial.check();
  }

  /** What the host told unasked: some of it says how it is reached. */
  noticed(notice: HostNotice): void {
    if (notice.name === 'host.sleeping') this.watch.fellAsleep(notice.params.at);
    if (notice.name === 'host.woke') this.watch.woke();
  }

  /** After the host was stopped. */
  close(): void {
    this.#undo();
    this.#cancelCheck();
    this.#host = null;
    this.#dial.close('stopped');
  }

  #onPresence(): void {
    const { isVisible, isOnline } = this.#needs.presence;
    this.watch.network(isOnline);
    // Somebody looks again, or the network is another one: what seemed open may be long gone.
    if (isVisible && isOnline) this.checkNow();
    this.#plan();
  }

  #plan(): void {
    this.#cancelCheck();
    if (!this.#needs.presence.isVisible) return;
    this.#cancelCheck = this.#needs.timers.after(CHECK_EVERY_MS, () => {
      this.#dial.check();
      this.#plan();
    });
  }
}
