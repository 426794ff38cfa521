import { DeadlineExceeded, withDeadline } from '../../base/deadline.ts';
import { Emitter } from '../../base/emitter.ts';
import type { Timers } from '../../connection/timers.ts';
import type { Config } from '../../protocol/config.ts';
import type { RelayStatus } from '../../protocol/devices.ts';
import { RpcFailure } from '../../protocol/errors.ts';
import type { DeviceRecord } from '../devices/device-record.ts';
import type { MailControl, MailWays, MailWord } from '../mail/mail-port.ts';
import type { NoteWays, NoteWord } from '../notes/note-port.ts';
import type { OwnRelay } from './own-relay.ts';
import type { RelayLink } from './relay-link.ts';
import type { OfferWay, WantedWay } from './remote.ts';
import { roundTripMs } from './round-trip.ts';
import { isThisMachine } from '../../protocol/within-reach.ts';

/** More relays than a person has; each costs a connection that is held for ever. */
const MAX_LINKS = 4;
const OPEN_LIMIT_MS = 15_000;
/** A loss that lasts shorter is no problem of the person. */
const LOSS_TOLD_AFTER_MS = 60_000;
/** An address on the local network may change at any time. */
const LAN_LOOK_MS = 30_000;

/** Which relay: the one of this machine, or the http(s) address of another. */
export type Target = DeviceRecord['relay'];

export interface WaysNeeds {
  readonly book: { all(): readonly DeviceRecord[] };
  config(): Config;
  readonly own: OwnRelay;
  link(relay: string, target: Target): RelayLink;
  /** Of this machine now; null when it is on no local network. */
  lanAddress(): string | null;
  readonly timers: Timers;
}

interface Held {
  readonly link: RelayLink;
  readonly unfollow: () => void;
}

interface Offered {
  readonly target: Target;
  readonly lan: boolean;
}

/**
 * The ways to this host: a link to each relay that a device or an open offer needs, and none else.
 * Without a device and an offer there is no connection and no open port.
 */
export class Ways implements NoteWays, MailWays {
  /** Any of what `status` and `problem` say. */
  readonly changed = new Emitter<void>();
  readonly noteWords = new Emitter<{ readonly target: Target; readonly word: NoteWord }>();
  readonly mail = new Emitter<{ readonly target: Target; readonly mail: MailWord }>();
  readonly #needs: WaysNeeds;
  readonly #links = new Map<Target, Held>();
  readonly #offers = new Set<Offered>();
  #cancelLook: () => void = () => {};
  #isAsleep = false;
  #isClosed = false;

  constructor(needs: WaysNeeds) {
    this.#needs = needs;
    needs.own.changed.on(() => {
      this.sync();
      this.changed.emit();
    });
  }

  /** To be called when a device, an offer or config.json changed. Doing it again changes nothing. */
  sync(): void {
    const { own, timers } = this.#needs;
    this.#cancelLook();
    if (this.#isClosed || this.#isAsleep) return;
    const targets = this.#targets();
    const wantsLan = targets.has('own') && this.#wantsLan();
    const { relay: { port = null, publicUrl } = {} } = this.#needs.config();
    const names = publicUrl === undefined ? [] : [new URL(publicUrl).host];
    const lan = wantsLan ? this.#needs.lanAddress() : null;
    own.wish(targets.has('own') ? { port, lan, names } : null);
    for (const [target, held] of this.#links) {
      const url = target === 'own' ? own.url : target;
      if (!targets.has(target) || (url !== null && url !== held.link.relay)) this.#drop(target);
    }
    for (const target of targets) this.#hold(target);
    if (wantsLan) this.#cancelLook = timers.after(LAN_LOOK_MS, () => this.sync());
  }

  links(): ReadonlyMap<Target, RelayLink> {
    return new Map([...this.#links].map(([target, { link }]) => [target, link]));
  }

  say(target: Target, control: MailControl): void {
    this.#links.get(target)?.link.say(control);
  }

  /** Throws an `RpcFailure` in words. */
  async open(wanted: WantedWay): Promise<OfferWay> {
    const offered = { target: this.#targetOf(wanted), lan: wanted.lan };
    if (wanted.lan && this.#needs.lanAddress() === null)
      throw new RpcFailure(
        'refused',
        'This machine is on no local network where a phone could reach it: join one, or pair through a relay.',
      );
    this.#offers.add(offered);
    const release = () => {
      if (this.#offers.delete(offered)) this.sync();
    };
    const waiting = new AbortController();
    try {
      this.sync();
      const isUp = this.#whenUp(offered, waiting.signal);
      await withDeadline(isUp, OPEN_LIMIT_MS, 'Connecting to the relay');
      return this.#way(offered, release);
    } catch (error) {
      const problem = this.problem() ?? this.#troubleOf(offered.target);
      release();
      if (!(error instanceof DeadlineExceeded)) throw error;
      throw new RpcFailure(
        'refused',
        `There is no way to a relay, so that no phone could connect: ${problem ?? 'it does not answer'}. See "porchlight doctor".`,
        { kind: 'relay' },
      );
    } finally {
      waiting.abort();
    }
  }

  /** The relay under this address, as a device's record names it. */
  targetOf(relay: string): Target {
    const address = withoutSlash(relay);
    const { own } = this.#needs;
    const ours = [own.url, own.lanUrl, this.#needs.config().relay?.publicUrl];
    return ours.some((each) => typeof each === 'string' && withoutSlash(each) === address)
      ? 'own'
      : address;
  }

  status(): RelayStatus {
    const { own } = this.#needs;
    const [target] = this.#targets();
    const state = target === undefined ? undefined : this.#links.get(target)?.link.state;
    const sinceMs = state?.sinceMs ?? null;
    return {
      url: target === undefined ? null : this.#addressOf(target, false),
      own: target === 'own',
      connected: state?.kind === 'up',
      since: sinceMs === null ? null : new Date(sinceMs).toISOString(),
      lanUrl: own.lanUrl,
      problem: own.problem ?? (target === undefined ? null : this.#troubleOf(target)),
    };
  }

  /**
   * How long ago the relays of all paired devices were last heard: of several, the one that was
   * longest ago. null: one of them is not there, or a device on the local network finds no way in.
   */
  heardAgoMs(): number | null {
    let longestMs = 0;
    for (const { relay, via } of this.#needs.book.all()) {
      const agoMs = this.#links.get(relay)?.link.heardAgoMs ?? null;
      if (agoMs === null || (via === 'lan' && this.#needs.own.lanUrl === null)) return null;
      longestMs = Math.max(longestMs, agoMs);
    }
    return longestMs;
  }

  /** To the relay of `status` and back; null: none, or no answer within `limitMs`. */
  async roundTripMs(limitMs: number): Promise<number | null> {
    const [target] = this.#targets();
    const link = target === undefined ? undefined : this.#links.get(target)?.link;
    return link?.state.kind === 'up' ? await roundTripMs(link, this.#needs.timers, limitMs) : null;
  }

  /** Where devices reach the own relay from elsewhere; null: none of them does. */
  publicUrl(): string | null {
    const isUsed = this.#needs.book
      .all()
      .some(({ relay, via }) => relay === 'own' && via !== 'lan');
    return isUsed ? (this.#needs.config().relay?.publicUrl ?? null) : null;
  }

  /** What a person should know: a loss that has lasted, or a relay that does not run. */
  problem(): string | null {
    const { own, timers } = this.#needs;
    if (own.problem !== null) return own.problem;
    for (const [target, { link }] of this.#links) {
      const { state } = link;
      const isLasting =
        state.kind === 'down' &&
        state.sinceMs !== null &&
        timers.nowMs() - state.sinceMs >= LOSS_TOLD_AFTER_MS;
      const trouble = isLasting ? this.#troubleOf(target) : null;
      if (trouble !== null) return `No device can connect: ${trouble}.`;
    }
    return null;
  }

  /** Tells every relay whom to let in no more. */
  revoke(): void {
    for (const { link } of this.#links.values()) link.revoke();
  }

  /** The machine has slept, or its network changed. */
  probe(): void {
    this.sync();
    for (const { link } of this.#links.values()) link.probe();
  }

  /** See {@link RelayLink.sleep}. */
  async sleep(since: string, limitMs: number): Promise<void> {
    this.#isAsleep = true;
    await Promise.all([...this.#links.values()].map(({ link }) => link.sleep(since, limitMs)));
  }

  wake(): void {
    this.#isAsleep = false;
    this.sync();
    for (const { link } of this.#links.values()) link.wake();
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelLook();
    for (const target of [...this.#links.keys()]) this.#drop(target);
    this.#needs.own.wish(null);
  }

  /** Those of offers first, then of the newest devices. */
  #targets(): Set<Target> {
    const wanted = [
      ...[...this.#offers].map(({ target }) => target),
      ...this.#needs.book
        .all()
        .map(({ relay }) => relay)
        .toReversed(),
    ];
    return new Set([...new Set(wanted)].slice(0, MAX_LINKS));
  }

  #wantsLan(): boolean {
    return (
      [...this.#offers].some(({ lan }) => lan) ||
      this.#needs.book.all().some(({ via }) => via === 'lan')
    );
  }

  #hold(target: Target): void {
    if (this.#links.has(target)) return;
    const { own, timers } = this.#needs;
    const url = target === 'own' ? own.url : target;
    if (url === null) return;
    const link = this.#needs.link(url, target);
    let cancelTold = () => {};
    const unfollow = link.states.on(({ kind }) => {
      cancelTold();
      if (kind === 'down') cancelTold = timers.after(LOSS_TOLD_AFTER_MS, () => this.changed.emit());
      this.changed.emit();
    });
    const unhear = link.noteWords.on((word) => this.noteWords.emit({ target, word }));
    const untake = link.mail.on((mail) => this.mail.emit({ target, mail }));
    this.#links.set(target, {
      link,
      unfollow: () => {
        cancelTold();
        unfollow();
        unhear();
        untake();
      },
    });
    link.start();
  }

  #drop(target: Target): void {
    const held = this.#links.get(target);
    this.#links.delete(target);
    held?.unfollow();
    held?.link.stop('this host leaves the relay');
  }

  #targetOf({ relay, lan }: WantedWay): Target {
    if (lan && relay !== undefined)
      throw new RpcFailure(
        'refused',
        'On the local network this machine is its own relay: name no other one.',
      );
    const named = lan ? undefined : (relay ?? this.#needs.config().relay?.url);
    if (named === undefined) return 'own';
    if (!/^https?:/u.test(named))
      throw new RpcFailure(
        'refused',
        `${named} is no address of a relay: it begins with https:// (or http://).`,
      );
    return this.targetOf(named);
  }

  async #whenUp({ target, lan }: Offered, signal: AbortSignal): Promise<void> {
    const isUp = () =>
      this.#links.get(target)?.link.state.kind === 'up' &&
      (!lan || this.#needs.own.lanUrl !== null);
    await new Promise<void>((resolve) => {
      const look = () => {
        if (!isUp()) return;
        undo();
        resolve();
      };
      const undo = this.changed.on(look);
      signal.addEventListener('abort', undo);
      look();
    });
  }

  #way({ target, lan }: Offered, release: () => void): OfferWay {
    const { relay: { page, publicUrl } = {} } = this.#needs.config();
    const address = this.#addressOf(target, lan);
    if (address === null) throw new RpcFailure('refused', 'The relay of this machine went away.');
    const isOpen = lan || (target === 'own' ? publicUrl !== undefined : !isThisMachine(address));
    return {
      relay: address,
      // A page of https may not talk to the local network by plain http.
      page: lan || page === undefined ? address : withoutSlash(page),
      lan,
      reach: lan ? 'lan' : isOpen ? 'anywhere' : 'machine',
      openRendezvous: (id, seconds, onGuest) => {
        const link = this.#links.get(target)?.link;
        if (link === undefined) throw new RpcFailure('refused', 'The way to the relay is gone.');
        return link.openRendezvous(id, seconds, onGuest);
      },
      onTrouble: (listener) => {
        let told: string | null = null;
        return this.changed.on(() => {
          const trouble = this.#troubleOf(target);
          if (trouble === told) return;
          told = trouble;
          listener(trouble);
        });
      },
      close: release,
    };
  }

  #addressOf(target: Target, lan: boolean): string | null {
    if (target !== 'own') return target;
    const { own } = this.#needs;
    const { publicUrl } = this.#needs.config().relay ?? {};
    return lan ? own.lanUrl : publicUrl === undefined ? own.url : withoutSlash(publicUrl);
  }

  #troubleOf(target: Target): string | null {
    const state = this.#links.get(target)?.link.state;
    if (state === undefined || state.kind === 'up' || state.problem === null) return null;
    const which = target === 'own' ? 'the relay of this machine' : `the relay at ${target}`;
    return `${which}: ${state.problem}`;
  }
}

function withoutSlash(address: string): string {
  return address.replace(/\/+$/u, '');
}
