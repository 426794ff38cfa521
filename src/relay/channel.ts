import { assertNever } from '../base/assert-never.ts';
import {
  CLOSE_BUSY,
  CLOSE_ENDED,
  CLOSE_REFUSED,
  CLOSE_REPLACED,
  CLOSE_SLOW,
  MAX_GUEST_BYTES,
  MAX_GUEST_SECONDS,
  MAX_UNREAD_BYTES,
  type ChannelId,
  type DeviceId,
  type GuestControl,
  type HostControl,
  type RelayMessage,
} from '../protocol/relay.ts';
import type { Bucket } from './bucket.ts';
import type { ChannelWorld } from './channel-world.ts';
import { Holding, HOLD_AT_BYTES } from './holding.ts';
import { HostDesks } from './host-desks.ts';
import type { HostEnd } from './host-end.ts';
import { HostSeat, type HostOrders } from './host-seat.ts';
import { SLOT_BYTES, type Line } from './line.ts';
import type { Role } from './metrics.ts';
import { Revocations } from './revocations.ts';
import { Seat, type Sitter } from './seat.ts';
import { Seats } from './seats.ts';
import { NOT_OF_THIS_PROTOCOL, REVOKED, tell, TOO_SLOW } from './words.ts';

/** Pages that one device has open, and connections of it that have not been noticed to be gone. */
const MAX_LINES_PER_DEVICE = 8;

/** One host and its devices: who is there, who may come, and where a frame goes. */
export class Channel implements HostOrders {
  readonly revocations = new Revocations();
  /** Pays for all that is sent in this channel. */
  readonly payer: Bucket;
  /** Pays for connecting to it. */
  readonly connects: Bucket;
  readonly #world: ChannelWorld;
  readonly #id: ChannelId;
  #host: HostEnd | null = null;
  readonly #seats = new Seats();
  readonly #holding = new Holding();
  /** On the host's word, until it comes back. */
  #asleepSince: string | null = null;
  /** Of the host that is here. */
  #desks: HostDesks | null = null;

  constructor(id: ChannelId, world: ChannelWorld, payer: Bucket, connects: Bucket) {
    this.#id = id;
    this.#world = world;
    this.payer = payer;
    this.connects = connects;
  }

  get isEmpty(): boolean {
    return this.#host === null && this.#seats.size === 0;
  }

  get isFull(): boolean {
    return this.#seats.size >= this.#world.maxSeats;
  }

  get hasHost(): boolean {
    return this.#host !== null;
  }

  get isAsleep(): boolean {
    return this.#asleepSince !== null;
  }

  /** Seats the host, which has proven itself: whoever sat there goes, and all slots begin anew. */
  seatHost(line: Line, payer: Bucket, revoked: readonly DeviceId[], epoch: number): void {
    const { metrics } = this.#world;
    if (this.#host !== null) {
      metrics.hostsReplaced += 1;
      this.#unseatHost(CLOSE_REPLACED, 'The host connected again.');
    }
    this.revocations.replace(revoked, epoch);
    this.#cutRevoked();
    const host = new HostSeat(this, line, payer);
    line.listener = host;
    this.#host = host;
    this.#asleepSince = null;
    this.#count('host', 1);
    const desks = new HostDesks(this.#id, this.#world, this.revocations);
    this.#desks = desks;
    tell(line, { type: 'admitted', host: true, ...desks.offers });
    desks.came((message) => this.#tellHost(message));
    for (const seat of this.#seats.clear()) {
      this.#giveSlot(seat);
      this.#tellSeat(seat, { type: 'host', here: true });
    }
  }

  /** Seats a device or guest that may come: see `revocations`, `isFull` and the book of rendezvous. */
  seat(line: Line, sitter: Sitter, payer: Bucket): void {
    if (sitter.role === 'device') this.#makeRoomFor(sitter.device);
    const seat = new Seat(this, line, sitter, payer);
    line.listener = seat;
    this.#count(sitter.role, 1);
    const mail = sitter.role === 'device' && this.#world.mail?.offer;
    tell(line, { type: 'admitted', host: this.hasHost, ...this.#asleep(), ...(mail && { mail }) });
    this.#giveSlot(seat);
    if (sitter.role === 'guest') this.#limitStay(seat);
  }

  // ── from devices and guests ──

  toHost(seat: Seat, cargo: Buffer): void {
    const { metrics, throttle } = this.#world;
    const { role } = seat.sitter;
    metrics.frames[role] += 1;
    metrics.cargoBytes[role] += cargo.length;
    if (role === 'guest' && !this.#guestMaySend(seat, cargo.length)) return;
    throttle.charge(seat.line, cargo.length, seat.payer, this.payer);
    const host = this.#host;
    if (host === null) {
      metrics.droppedFrames += 1;
      return;
    }
    host.send(seat, cargo);
    if (host.unread > MAX_UNREAD_BYTES) this.#hostIsSlow();
    else if (host.unread > HOLD_AT_BYTES) this.#holding.hold(seat, host);
  }

  pinged(seat: Seat): void {
    this.#world.throttle.charge(seat.line, 0, seat.payer, this.payer);
    this.#tellSeat(seat, { type: 'pong' });
  }

  /** Passed over where this relay keeps none, and has not said that it does. */
  mailed(seat: Seat, mail: Extract<GuestControl, { type: 'leaveMail' }>): void {
    const { sitter } = seat;
    if (sitter.role !== 'device') return this.misspoken(seat);
    this.#world.throttle.charge(seat.line, mail.sealed.length, seat.payer, this.payer);
    this.#world.mail?.leave(this.#id, { ...sitter, isHostHere: this.hasHost }, mail, (answer) => {
      if (this.#seats.has(seat)) this.#tellSeat(seat, answer);
    });
  }

  misspoken(seat: Seat): void {
    this.#refuse(seat.line);
    this.#unseat(seat, CLOSE_REFUSED, NOT_OF_THIS_PROTOCOL);
  }

  left(seat: Seat): void {
    this.#forget(seat);
  }

  // ── from the host ──

  toSlot(host: HostSeat, frame: Buffer): void {
    const { metrics, throttle } = this.#world;
    metrics.frames.host += 1;
    metrics.cargoBytes.host += frame.length - SLOT_BYTES;
    throttle.charge(host.line, frame.length, host.payer, this.payer);
    const seat = this.#seats.at(frame.readUInt32BE(0));
    if (seat === undefined) {
      // It left while the frame was on its way.
      metrics.droppedFrames += 1;
      return;
    }
    seat.line.sendCargoAfterSlot(frame);
    if (seat.line.unread > MAX_UNREAD_BYTES) this.#seatIsSlow(seat);
  }

  obey(host: HostSeat, control: HostControl): void {
    const { throttle, rendezvous, clock } = this.#world;
    throttle.charge(host.line, 0, host.payer, this.payer);
    switch (control.type) {
      case 'ping':
        return this.#tellHost({ type: 'pong' });
      case 'close': {
        const seat = this.#seats.at(control.slot);
        // The host knows; it needs no `closed` for that.
        if (seat !== undefined) this.#unseat(seat, CLOSE_ENDED, control.reason, { isTold: true });
        return;
      }
      case 'rendezvous':
        if (control.open)
          rendezvous.open(this, control.rendezvous, clock.nowMs() + control.seconds * 1_000);
        else rendezvous.close(this);
        return;
      case 'revoke':
        if (!this.revocations.add(control.revoked, control.epoch)) this.hostMisspoke(host);
        return this.#cutRevoked();
      case 'sleeping':
        // In one form, since the text of a date may be of any length.
        this.#asleepSince = new Date(control.since).toISOString();
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
    this.#refuse(host.line);
    this.#endHost(CLOSE_REFUSED, NOT_OF_THIS_PROTOCOL);
  }

  hostLeft(host: HostEnd): void {
    if (host === this.#host) this.#endHost(null, '');
  }

  // ── coming and going ──

  #giveSlot(seat: Seat): void {
    this.#seats.add(seat);
    this.#tellHostOf((host) => host.opened(seat));
  }

  #unseat(seat: Seat, code: number, reason: string, { isTold = false } = {}): void {
    seat.line.close(code, reason);
    this.#forget(seat, { isTold });
  }

  #forget(seat: Seat, { isTold = false } = {}): void {
    if (!this.#seats.remove(seat)) return;
    this.#holding.forget(seat);
    this.#world.throttle.forget(seat.line);
    this.#count(seat.sitter.role, -1);
    if (seat.sitter.role === 'guest') this.#world.rendezvous.release(seat.sitter.rendezvous);
    if (!isTold) this.#tellHostOf((host) => host.closed(seat));
    if (this.isEmpty) this.#world.emptied(this);
  }

  /** The host's line ends, by our hand (with a code) or by itself (null). */
  #endHost(code: number | null, reason: string): void {
    this.#unseatHost(code, reason);
    if (this.isEmpty) this.#world.emptied(this);
  }

  #unseatHost(code: number | null, reason: string): void {
    const host = this.#host;
    if (host === null) return;
    this.#host = null;
    if (code !== null) host.close(code, reason);
    if (host instanceof HostSeat) this.#world.throttle.forget(host.line);
    this.#world.rendezvous.close(this);
    this.#count('host', -1);
    this.#desks?.went();
    this.#desks = null;
    this.#holding.release();
    for (const seat of this.#seats.all()) {
      // A guest came to this offer of this host; devices wait for its return.
      if (seat.sitter.role === 'guest') this.#unseat(seat, CLOSE_ENDED, 'The host is gone.');
      else this.#tellSeat(seat, { type: 'host', here: false, ...this.#asleep() });
    }
  }

  #cutRevoked(): void {
    this.#desks?.revoked();
    for (const seat of this.#seats.all()) {
      const { sitter } = seat;
      if (sitter.role !== 'device') continue;
      if (!this.revocations.holdsFor(sitter.device, sitter.epoch)) continue;
      this.#world.metrics.devicesCut += 1;
      tell(seat.line, { type: 'refused', code: 'revoked', message: REVOKED });
      this.#unseat(seat, CLOSE_REFUSED, REVOKED);
    }
  }

  #makeRoomFor(device: DeviceId): void {
    const lines = this.#seats.of(device);
    const [oldest] = lines;
    if (oldest !== undefined && lines.length >= MAX_LINES_PER_DEVICE)
      this.#unseat(oldest, CLOSE_BUSY, 'This device has too many connections.');
  }

  // ── limits ──

  #limitStay(seat: Seat): void {
    this.#world.clock.after(MAX_GUEST_SECONDS * 1_000, () => {
      if (this.#seats.has(seat)) this.#unseat(seat, CLOSE_BUSY, 'The time for pairing is over.');
    });
  }

  #guestMaySend(seat: Seat, bytes: number): boolean {
    seat.guestBytes += bytes;
    if (seat.guestBytes <= MAX_GUEST_BYTES) return true;
    this.#unseat(seat, CLOSE_BUSY, 'That is more than pairing needs.');
    return false;
  }

  #seatIsSlow(seat: Seat): void {
    this.#world.metrics.slowCloses[seat.sitter.role] += 1;
    this.#unseat(seat, CLOSE_SLOW, TOO_SLOW);
  }

  #hostIsSlow(): void {
    this.#world.metrics.slowCloses.host += 1;
    this.#endHost(CLOSE_SLOW, TOO_SLOW);
  }

  // ── words ──

  #asleep(): { readonly asleepSince?: string } {
    return this.#host !== null || this.#asleepSince === null
      ? {}
      : { asleepSince: this.#asleepSince };
  }

  #tellHost(message: RelayMessage): void {
    this.#tellHostOf((host) => host.tell(message));
  }

  #tellHostOf(say: (host: HostEnd) => void): void {
    const host = this.#host;
    if (host === null) return;
    say(host);
    if (host.unread > MAX_UNREAD_BYTES) this.#hostIsSlow();
  }

  #tellSeat(seat: Seat, message: RelayMessage): void {
    tell(seat.line, message);
    if (seat.line.unread > MAX_UNREAD_BYTES) this.#seatIsSlow(seat);
  }

  #refuse(line: Line): void {
    const { refused } = this.#world.metrics;
    refused.set('badMessage', (refused.get('badMessage') ?? 0) + 1);
    tell(line, { type: 'refused', code: 'badMessage', message: NOT_OF_THIS_PROTOCOL });
  }

  #count(role: Role, by: 1 | -1): void {
    const { connected, admitted } = this.#world.metrics;
    connected[role] += by;
    if (by === 1) admitted[role] += 1;
  }
}
