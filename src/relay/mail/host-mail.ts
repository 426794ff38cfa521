import { backoffMs } from '../../base/backoff.ts';
import { DeadlineExceeded, withDeadline } from '../../base/deadline.ts';
import type { Logger } from '../../base/log.ts';
import {
  MAX_MAIL_UNTAKEN,
  type ChannelId,
  type DeviceId,
  type MailId,
  type RelayMessage,
} from '../../protocol/relay.ts';
import type { Clock } from '../clock.ts';
import type { MailCounts } from './mail-counts.ts';
import type { Mail, MailStore } from './mail-store.ts';

/** How much of it may be on the way to a host: what else is sent to it needs room too. */
const MAX_UNTAKEN_BYTES = 192 * 1024;
/** A host says that it has what it was given, and no more than once or twice. */
const MAX_TO_FORGET = 4 * MAX_MAIL_UNTAKEN;
const STORE_LIMIT_MS = 10_000;
const RETRY = { firstMs: 1_000, maxMs: 60_000 };
/**
 * Another node may have kept a mail in the moment in which the host came here, or before it heard of
 * that: after these times it is looked again, and then now and then.
 */
const LOOK_AGAIN_MS: readonly number[] = [2_000, 15_000];
const LOOK_SELDOM_MS = 600_000;
/** A host that has not taken one for so long may have given it up: it stands in nobody's way, and is given again. */
const GIVEN_UP_MS = 600_000;

export interface HostMailNeeds {
  readonly channel: ChannelId;
  readonly store: Pick<MailStore, 'read' | 'taken'>;
  readonly counts: MailCounts;
  readonly clock: Clock;
  readonly log: Logger;
  /** In [0, 1). */
  random(): number;
  tell(message: Extract<RelayMessage, { type: 'mail' }>): void;
  isRevoked(device: DeviceId, epoch: number): boolean;
}

type MailName = Pick<Mail, 'device' | 'id'>;

interface Given {
  readonly bytes: number;
  readonly atMs: number;
}

/** Hands a host that is connected here what was left for it, oldest first, and forgets what it has taken. */
export class HostMail {
  readonly #needs: HostMailNeeds;
  /** Given on this line and not taken. */
  readonly #untaken = new Map<string, Given>();
  readonly #toForget = new Map<string, MailName>();
  #isWanted = false;
  #isBusy = false;
  #isOver = false;
  #failures = 0;
  #looks = 0;
  #cancelLook: () => void = () => {};
  #cancelRetry: () => void = () => {};

  constructor(needs: HostMailNeeds) {
    this.#needs = needs;
    this.#lookAgain();
  }

  /** There may be something. */
  look(): void {
    this.#isWanted = true;
    if (!this.#isBusy) void this.#work();
  }

  /** What was not given on this line comes again, and is answered then: forgetting costs the store. */
  taken(mail: readonly { readonly device: DeviceId; readonly id: MailId }[]): void {
    for (const { device, id } of mail) {
      const name = nameOf({ device, id });
      if (!this.#untaken.delete(name)) continue;
      if (this.#toForget.size < MAX_TO_FORGET) this.#toForget.set(name, { device, id });
    }
    this.look();
  }

  /** The host is gone. What it has said is still done. */
  close(): void {
    this.#isOver = true;
    this.#cancelLook();
    this.#cancelRetry();
  }

  async #work(): Promise<void> {
    this.#isBusy = true;
    this.#cancelRetry();
    try {
      while (this.#isWanted) {
        this.#isWanted = false;
        await this.#forget([...this.#toForget.values()]);
        await this.#handOut();
      }
      this.#failures = 0;
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#isBusy = false;
    }
  }

  async #handOut(): Promise<void> {
    const room = MAX_MAIL_UNTAKEN - this.#awaited().length;
    if (this.#isOver || room <= 0) return;
    const { channel, store, counts, clock, tell, isRevoked } = this.#needs;
    // Past all that was given: behind what the host gives up there may be what it can do.
    const count = this.#untaken.size + room;
    const reading = store.read(channel, count);
    const mail = await withDeadline(reading, STORE_LIMIT_MS, 'Reading mail');
    const [revoked, good] = [true, false].map((wanted) =>
      mail.filter(({ device, epoch }) => isRevoked(device, epoch) === wanted),
    );
    if (mail.length < count) this.#forgetGone(mail);
    for (const each of this.#newFirst(good ?? [])) {
      if (this.#isOver) return;
      const name = nameOf(each);
      // Given already, or taken while it was read.
      if (this.#isAwaited(this.#untaken.get(name)) || this.#toForget.has(name)) continue;
      if (!this.#hasRoomFor(each)) break;
      this.#untaken.set(name, { bytes: each.sealed.length, atMs: clock.nowMs() });
      counts.handed += 1;
      tell(wordsOf(each));
    }
    if (revoked === undefined || revoked.length === 0) return;
    await this.#forget(revoked);
    counts.dropped += revoked.length;
    // Others may have waited behind them.
    this.#isWanted = true;
  }

  #hasRoomFor({ sealed }: Mail): boolean {
    const awaited = this.#awaited();
    const bytes = awaited.reduce((sum, each) => sum + each.bytes, sealed.length);
    return (
      awaited.length === 0 || (awaited.length < MAX_MAIL_UNTAKEN && bytes <= MAX_UNTAKEN_BYTES)
    );
  }

  /** Given a short while ago, so that the host may still take it. */
  #awaited(): readonly Given[] {
    return [...this.#untaken.values()].filter((given) => this.#isAwaited(given));
  }

  #isAwaited(given: Given | undefined): boolean {
    return given !== undefined && this.#needs.clock.nowMs() - given.atMs < GIVEN_UP_MS;
  }

  /** What the host seems to have given up comes last, each in its turn. */
  #newFirst(mail: readonly Mail[]): readonly Mail[] {
    const givenMs = (each: Mail): number => this.#untaken.get(nameOf(each))?.atMs ?? -Infinity;
    return mail
      .map((each) => ({ each, atMs: givenMs(each) }))
      .toSorted((a, b) => (a.atMs === b.atMs ? 0 : a.atMs - b.atMs))
      .map(({ each }) => each);
  }

  /** `all` is all that there is: what is not among it has grown too old. */
  #forgetGone(all: readonly Mail[]): void {
    const there = new Set(all.map(nameOf));
    for (const name of this.#untaken.keys()) if (!there.has(name)) this.#untaken.delete(name);
  }

  async #forget(mail: readonly MailName[]): Promise<void> {
    if (mail.length === 0) return;
    const { channel, store, counts } = this.#needs;
    const names = mail.map(({ device, id }) => ({ device, id }));
    await withDeadline(store.taken(channel, names), STORE_LIMIT_MS, 'Forgetting mail');
    for (const each of mail) if (this.#toForget.delete(nameOf(each))) counts.taken += 1;
  }

  #failed(error: unknown): void {
    const { clock, counts, log, random } = this.#needs;
    counts.storeFailures += 1;
    this.#failures += 1;
    const delayMs = backoffMs(this.#failures, RETRY, random());
    log.warn({ err: kindOf(error), delayMs }, 'the mailbox of a host cannot be reached');
    if (this.#isOver) return;
    this.#cancelRetry = clock.after(delayMs, () => this.look());
  }

  #lookAgain(): void {
    const { clock, random } = this.#needs;
    const delayMs = LOOK_AGAIN_MS[this.#looks] ?? LOOK_SELDOM_MS * (0.75 + random() / 2);
    this.#looks += 1;
    this.#cancelLook = clock.after(delayMs, () => {
      this.look();
      this.#lookAgain();
    });
  }
}

const nameOf = ({ device, id }: MailName): string => `${device} ${id}`;

function wordsOf({ device, id, atMs, sealed }: Mail): Extract<RelayMessage, { type: 'mail' }> {
  return {
    ...{ type: 'mail', device, id },
    at: new Date(atMs).toISOString(),
    sealed: Buffer.from(sealed).toString('base64url'),
  };
}

/** What a store says of itself may name the place where something lies, and with it whose it is. */
export function kindOf(error: unknown): string {
  return error instanceof DeadlineExceeded
    ? error.message
    : error instanceof Error
      ? error.name
      : '';
}
