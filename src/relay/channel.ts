import { assertNever } from '../base/assert-never.ts';
import {
  CLOSE_ENDED,
  CLOSE_REFUSED,
  CLOSE_REPLACED,
  CLOSE_SLOW,
  MAX_UNREAD_BYTES,
  type ChannelId,
  type DeviceId,
  type GuestControl,
  type HostControl,
  type RelayMessage,
} from '../protocol/relay.ts';
import type { Bucket } from './bucket.ts';
import type { ChannelWorld } from './channel-world.ts';
import { HostDesks } from './host-desks.ts';
import type { HostEnd } from './host-end.ts';
import { HostSeat, type HostOrders, type HostWord } from './host-seat.ts';
import { SLOT_BYTES, type Line } from './line.ts';
import { ALONE, type Place } from './place.ts';
import { Revocations } from './revocations.ts';
import { Seat, type Sitter } from './seat.ts';
import { Seating, type SeatingOrders } from './seating.ts';
import { NOT_OF_THIS_PROTOCOL, refuse, REVOKED, tell, TOO_SLOW } from './words.ts';

/** What a host says that other nodes, or a store, are told: so much as so many bytes of cargo. */
const TOLD_TO_OTHERS: ReadonlySet<HostControl['type']> = new Set([
  ...(['rendezvous', 'revoke', 'sleeping'] as const),
  ...(['notes', 'dropNotes', 'notesHeard', 'mailTaken'] as const),
]);
const TOLD_TO_OTHERS_BYTES = 64 * 1024;

/** One host and its devices: who is there, who may come, and where a frame goes. */
export class Channel implements HostOrders, SeatingOrders {
  readonly revocations = new Revocations();
  /** Pays for all that is sent in this channel. */
  readonly payer: Bucket;
  /** Pays for connecting to it. */
  readonly connects: Bucket;
  readonly #world: ChannelWorld;
  readonly #id: ChannelId;
  #host: HostEnd | null = null;
  readonly #seating: Seating;
  /** On the host's word, until it comes back. */
  #asleepSince: string | null = null;
  /** Of the host that is here. */
  #desks: HostDesks | null = null;
  /** What other nodes are told, and know. */
  readonly place: Place;
  /** Who is about to sit down. */
  #expected = 0;

  constructor(id: ChannelId, world: ChannelWorld, payer: Bucket, connects: Bucket) {
    this.#id = id;
    this.#world = world;
    this.payer = payer;
    this.connects = connects;
    this.#seating = new Seating(world, this);
    this.place = world.placeOf?.(id, this) ?? ALONE;
  }

  get isEmpty(): boolean {
    return this.#host === null && !this.hasSeats && this.#expected === 0;
  }

  get isFull(): boolean {
    return this.#seating.isFull;
  }

  get hasSeats(): boolean {
    return this.#seating.size > 0;
  }

  /** And not only at other nodes. */
  get hasSeatsHere(): boolean {
    return this.#seating.all().some(({ line }) => !line.isElsewhere);
  }

  /** Somebody sits here, or is about to. */
  get isWanted(): boolean {
    return this.hasSeats || this.#expected > 0;
  }

  get hasHost(): boolean {
    return this.#host !== null;
  }

  get isAsleep(): boolean {
    return this.#asleepSince !== null;
  }

  /** Somebody may sit down here soon; what is returned is called once, when it has or will not. */
  expect(): () => void {
    this.#expected += 1;
    return () => {
      this.#expected -= 1;
      this.settle();
    };
  }

  /** See `Place`. */
  search(): Promise<void> | null {
    return this.#host === null ? this.place.search() : null;
  }

  /**
   * Seats the host, which has proven itself: whoever sat there goes, and all slots begin anew. False
   * when it has dialled another node since.
   */
  seatHost(line: Line, payer: Bucket, word: HostWord): boolean {
    if (!this.place.mayHost(word.dialledMs)) return false;
    const isSeated = this.expect();
    this.#makeRoomForHost();
    this.revocations.replace(word.revoked, word.epoch);
    this.#cutRevoked();
    const host = new HostSeat(this, line, payer);
    line.listener = host;
    this.#host = host;
    this.#asleepSince = null;
    this.#world.metrics.count('host', 1);
    const desks = new HostDesks(this.#id, this.#world, this.revocations);
    this.#desks = desks;
    tell(line, { type: 'admitted', host: true, ...desks.offers });
    this.place.hostCame(word.dialledMs);
    desks.came((message) => this.#tellHost(host, message));
    this.#seating.addAnew();
    isSeated();
    return true;
  }

  /** Its host is at another node, and this the way there. Whoever sat there goes. */
  seatTrunk(trunk: HostEnd): void {
    const isSeated = this.expect();
    this.#makeRoomForHost();
    this.#host = trunk;
    this.#asleepSince = null;
    this.#seating.addAnew();
    isSeated();
  }

  /** Seats a device or guest that may come: see `revocations`, `isFull` and the book of rendezvous. */
  seat(line: Line, sitter: Sitter, payer: Bucket): void {
    const seat = new Seat(this, line, sitter, payer);
    line.listener = seat;
    const mail = sitter.role === 'device' && this.#world.mail?.offer;
    this.#seating.add(seat, () => {
      const told = { host: this.hasHost, ...this.#asleep(), ...(mail && { mail }) };
      tell(line, { type: 'admitted', ...told });
    });
  }

  // ── from devices and guests ──

  toHost(seat: Seat, cargo: Buffer): void {
    const { metrics, throttle } = this.#world;
    if (!seat.line.isElsewhere) {
      metrics.frames[seat.sitter.role] += 1;
      metrics.cargoBytes[seat.sitter.role] += cargo.length;
    }
    if (!this.#seating.maySend(seat, cargo.length)) return;
    throttle.charge(seat.line, cargo.length, seat.payer, this.payer);
    const host = this.#host;
    if (host === null) {
      metrics.droppedFrames += 1;
      return;
    }
    host.send(seat, cargo);
    this.#seating.pace(seat, host);
  }

  /** Of any text that came on this line, whatever it says. */
  heardText(line: Line, payer: Bucket, chars: number): void {
    this.#world.throttle.charge(line, chars, payer, this.payer);
  }

  pinged(seat: Seat): void {
    this.#seating.tell(seat, { type: 'pong' });
  }

  /** Passed over where this relay keeps none, and has not said that it does. */
  mailed(seat: Seat, mail: Extract<GuestControl, { type: 'leaveMail' }>): void {
    const { sitter } = seat;
    if (sitter.role !== 'device') return this.misspoken(seat);
    this.#world.mail?.leave(this.#id, { ...sitter, isHostHere: this.hasHost }, mail, (answer) => {
      if (this.#seating.has(seat)) this.#seating.tell(seat, answer);
    });
  }

  misspoken(seat: Seat): void {
    this.#seating.misspoke(seat);
  }

  left(seat: Seat): void {
    this.#seating.forget(seat);
  }

  // ── from the host ──

  toSlot(host: HostSeat, frame: Buffer): void {
    const { metrics, throttle } = this.#world;
    metrics.frames.host += 1;
    metrics.cargoBytes.host += frame.length - SLOT_BYTES;
    throttle.charge(host.line, frame.length, host.payer, this.payer);
    const seat = this.#seating.at(frame.readUInt32BE(0));
    // It left while the frame was on its way.
    if (seat === undefined) metrics.droppedFrames += 1;
    else this.#seating.send(seat, frame);
  }

  obey(host: HostSeat, control: HostControl): void {
    const { throttle, rendezvous, clock } = this.#world;
    if (TOLD_TO_OTHERS.has(control.type))
      throttle.charge(host.line, TOLD_TO_OTHERS_BYTES, host.payer, this.payer);
    switch (control.type) {
      case 'ping':
        return this.#tellHost(host, { type: 'pong' });
      case 'close': {
        const seat = this.#seating.at(control.slot);
        if (seat === undefined) return;
        return this.#seating.unseat(seat, CLOSE_ENDED, control.reason, { isTold: true });
      }
      case 'rendezvous': {
        this.place.offerOver();
        if (!control.open) return rendezvous.close(this);
        const { seconds } = control;
        if (rendezvous.open(this, control.rendezvous, clock.nowMs() + seconds * 1_000))
          this.place.hostOffered(control.rendezvous, seconds);
        return;
      }
      case 'revoke':
        if (!this.revocations.add(control.revoked, control.epoch)) this.hostMisspoke(host);
        this.#cutRevoked();
        return this.place.hostRevoked();
      case 'sleeping':
        // In one form, since the text of a date may be of any length.
        this.#asleepSince = new Date(control.since).toISOString();
        this.place.hostSlept(this.#asleepSince);
        return this.#desks?.slept();
      case 'notes':
      case 'dropNotes':
      case 'notesHeard':
      case 'mailTaken':
        return this.#desks?.obey(control);
      default:
        return assertNever(control, 'control');
    }
  }

  hostMisspoke(host: HostSeat): void {
    if (host !== this.#host) return;
    refuse(host.line, this.#world.metrics);
    this.#endHost(CLOSE_REFUSED, NOT_OF_THIS_PROTOCOL);
  }

  hostLeft(host: HostEnd): void {
    if (host === this.#host) this.#endHost(null, '');
  }

  // ── from other nodes, and of the way to them ──

  /** `frame`: four bytes to write over, and the cargo. */
  fromTrunk(seat: Seat, frame: Buffer): void {
    this.#seating.send(seat, frame);
  }

  /** At its host's node this seat was ended so. */
  shut(seat: Seat, code: number, reason: string): void {
    if (code === CLOSE_REFUSED) {
      this.#world.metrics.devicesCut += 1;
      tell(seat.line, { type: 'refused', code: 'revoked', message: REVOKED });
    }
    this.#seating.unseat(seat, code, reason, { isTold: true });
  }

  /** The way to its host is over. */
  trunkEnded(trunk: HostEnd, asleepSince: string | null): void {
    if (trunk !== this.#host) return;
    this.#asleepSince = asleepSince;
    this.#endHost(null, '');
  }

  /** By the word of the host, as its node repeats it; nothing else holds. */
  replaceRevoked(revoked: readonly DeviceId[], epoch: number): void {
    this.revocations.replace(revoked, epoch);
    this.#cutRevoked();
  }

  /** As it was written down. */
  learnRevoked(revoked: readonly DeviceId[], epoch: number): void {
    if (this.revocations.learn(revoked, epoch)) this.#cutRevoked();
  }

  /** Of a host that is at no node; null: it does not sleep. */
  learnAsleep(since: string | null): void {
    if (this.hasHost || since === this.#asleepSince) return;
    this.#asleepSince = since;
    for (const seat of this.#seating.all())
      this.#seating.tell(seat, { type: 'host', here: false, ...this.#asleep() });
  }

  /** Reads no more of the host that is here until what is returned is called. */
  holdHost(): () => void {
    return this.#host instanceof HostSeat ? this.#host.hold() : () => {};
  }

  /** Ends the line that the host has here. */
  sendHostAway(code: number, reason: string): void {
    if (this.#host?.isHere === true) this.#endHost(code, reason);
  }

  /** How many they were. */
  sendSeatsAway(code: number, reason: string): number {
    const seats = this.#seating.all();
    for (const seat of seats) this.#seating.unseat(seat, code, reason);
    return seats.length;
  }

  // ── coming and going ──

  settle(): void {
    if (this.#expected > 0) return;
    // The way to a host elsewhere is for who is here.
    if (this.#host?.isHere === false && !this.hasSeats) this.#unseatHost(CLOSE_ENDED, '');
    if (!this.isEmpty) return;
    this.place.emptied();
    this.#world.emptied(this);
  }

  #makeRoomForHost(): void {
    if (this.#host?.isHere === true) this.#world.metrics.hostsReplaced += 1;
    this.#unseatHost(CLOSE_REPLACED, 'The host connected again.');
  }

  /** The host's line ends, by our hand (with a code) or by itself (null). */
  #endHost(code: number | null, reason: string): void {
    const isOver = this.expect();
    this.#unseatHost(code, reason);
    isOver();
  }

  #unseatHost(code: number | null, reason: string): void {
    const host = this.#host;
    if (host === null) return;
    this.#host = null;
    if (code !== null) host.close(code, reason);
    if (host instanceof HostSeat) this.#hostWent(host);
    this.#seating.release();
    for (const seat of this.#seating.all()) {
      // A guest came to this offer of this host; devices wait for its return.
      if (seat.sitter.role === 'guest')
        this.#seating.unseat(seat, CLOSE_ENDED, 'The host is gone.');
      else this.#seating.tell(seat, { type: 'host', here: false, ...this.#asleep() });
    }
  }

  #hostWent({ line }: HostSeat): void {
    this.#world.throttle.forget(line);
    this.#world.rendezvous.close(this);
    this.#world.metrics.count('host', -1);
    this.#desks?.went();
    this.#desks = null;
    this.place.hostWent(this.#asleepSince);
  }

  #cutRevoked(): void {
    this.#desks?.revoked();
    this.#seating.cut(this.revocations);
  }

  hostIsSlow(): void {
    this.#world.metrics.slowCloses.host += 1;
    this.#endHost(CLOSE_SLOW, TOO_SLOW);
  }

  // ── words ──

  #asleep(): { readonly asleepSince?: string } {
    return this.#host !== null || this.#asleepSince === null
      ? {}
      : { asleepSince: this.#asleepSince };
  }

  /** To the host that a desk or an answer is for, not to one that has come since. */
  #tellHost(host: HostSeat, message: RelayMessage): void {
    if (host !== this.#host) return;
    tell(host.line, message);
    if (host.unread > MAX_UNREAD_BYTES) this.hostIsSlow();
  }

  sayToHost(say: (host: HostEnd) => void): void {
    const host = this.#host;
    if (host === null) return;
    say(host);
    if (host.unread > MAX_UNREAD_BYTES) this.hostIsSlow();
  }
}
