import { withDeadline } from '../../base/deadline.ts';
import type { Logger } from '../../base/log.ts';
import type { ChannelId, DeviceId, GuestControl, RelayMessage } from '../../protocol/relay.ts';
import type { Rate } from '../bucket.ts';
import type { Clock } from '../clock.ts';
import { HostMail, kindOf, type HostMailNeeds } from './host-mail.ts';
import { MailCounts, type NotLeft } from './mail-counts.ts';
import { MailRefused, type Mail, type MailStore } from './mail-store.ts';
import { Pace } from './pace.ts';

/** A whole outbox of a phone in some minutes. */
const DEVICE_PACE: Rate = { burst: 50, perSecond: 1 };
/** Of all devices of this relay: what waits for the store waits in memory. */
const MAX_UNDER_WAY = 500;
const LEAVE_LIMIT_MS = 15_000;

export interface MailDeskNeeds {
  readonly store: MailStore;
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  wallMs(): number;
  readonly log: Logger;
  /** In [0, 1). */
  random(): number;
}

/** Who leaves a mail, and whether its host could be told itself. */
export interface MailSender {
  readonly device: DeviceId;
  readonly epoch: number;
  readonly isHostHere: boolean;
}

type LeaveMail = Extract<GuestControl, { type: 'leaveMail' }>;
type Answer = Extract<RelayMessage, { type: 'mailLeft' | 'mailNotLeft' }>;

/** Where devices leave mail for hosts that are away, and hosts find it. Nothing here waits. */
export class MailDesk {
  readonly counts = new MailCounts();
  readonly #needs: MailDeskNeeds;
  readonly #pace: Pace;
  readonly #hosts = new Map<ChannelId, HostMail>();
  #underWay = 0;

  constructor(needs: MailDeskNeeds) {
    this.#needs = needs;
    this.#pace = new Pace(DEVICE_PACE, needs.clock);
  }

  /** What `admitted` says of it. */
  get offer(): { readonly maxAgeSec: number } {
    return { maxAgeSec: Math.max(1, Math.floor(this.#needs.store.limits.maxAgeMs / 1_000)) };
  }

  /** The host was admitted here. What is returned is told what it takes, and that it went. */
  came(
    channel: ChannelId,
    tell: HostMailNeeds['tell'],
    isRevoked: HostMailNeeds['isRevoked'],
  ): Pick<HostMail, 'taken' | 'close'> {
    const { counts } = this;
    const mail = new HostMail({ ...this.#needs, channel, counts, tell, isRevoked });
    this.#hosts.set(channel, mail);
    mail.look();
    return {
      taken: (which) => mail.taken(which),
      close: () => {
        mail.close();
        if (this.#hosts.get(channel) === mail) this.#hosts.delete(channel);
      },
    };
  }

  /** `tell` is called once, later perhaps. */
  leave(
    channel: ChannelId,
    { device, epoch, isHostHere }: MailSender,
    { id, sealed }: LeaveMail,
    tell: (answer: Answer) => void,
  ): void {
    const { store, wallMs } = this.#needs;
    const refuse = (why: NotLeft): void => {
      this.counts.notLeft[why] += 1;
      tell({ type: 'mailNotLeft', id, ...REFUSALS[why] });
    };
    const bytes = Buffer.from(sealed, 'base64url');
    if (bytes.length > store.limits.maxBytes) return refuse('tooBig');
    if (isHostHere) return refuse('hostIsHere');
    if (!this.#pace.tryTake(device)) return refuse('tooFast');
    if (this.#underWay >= MAX_UNDER_WAY) return refuse('away');
    this.#keep(channel, { device, id, epoch, atMs: wallMs(), sealed: bytes }).then(
      () => {
        this.counts.left += 1;
        tell({ type: 'mailLeft', id });
        // It may have come while this was written.
        this.#hosts.get(channel)?.look();
      },
      (error: unknown) => refuse(error instanceof MailRefused ? error.code : 'away'),
    );
  }

  async #keep(channel: ChannelId, mail: Mail): Promise<void> {
    const { store, log } = this.#needs;
    this.#underWay += 1;
    try {
      await withDeadline(store.leave(channel, mail), LEAVE_LIMIT_MS, 'Keeping mail');
    } catch (error) {
      if (!(error instanceof MailRefused)) log.warn({ err: kindOf(error) }, 'mail not kept');
      throw error;
    } finally {
      this.#underWay -= 1;
    }
  }
}

/** Only of a store that was away it is not sure that it did not keep it. */
const REFUSALS: Record<
  NotLeft,
  { readonly again: boolean; readonly isSure?: true; readonly message: string }
> = {
  hostIsHere: {
    ...{ again: true, isSure: true },
    message: 'The host is here: say it to the host itself.',
  },
  tooFast: {
    ...{ again: true, isSure: true },
    message: 'This device leaves too much at once: try again in a minute.',
  },
  tooBig: {
    ...{ again: false, isSure: true },
    message: 'That is more than this relay keeps of one mail.',
  },
  full: { again: true, isSure: true, message: 'The mailbox of this host is full.' },
  away: { again: true, message: 'The mailbox cannot be reached just now.' },
};
