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
  type HostControl,
  type RelayMessage,
} from '../protocol/relay.ts';
import type { Bucket } from './bucket.ts';
import type { Clock } from './clock.ts';
import { HostSeat, type HostOrders } from './host-seat.ts';
import { SLOT_BYTES, type Line } from './line.ts';
import type { Metrics, Role } from './metrics.ts';
import type { HostNoteDesk, NoteDesk } from './notes/note-desk.ts';
import type { RendezvousBook } from './rendezvous.ts';
import { Revocations } from './revocations.ts';
import { Seat, type Sitter } from './seat.ts';
import type { Throttle } from './throttle.ts';

/** With this much unread at the host, who sends more waits: one phone's photo must not end the line of all. */
const HOLD_AT_BYTES = MAX_UNREAD_BYTES / 4;
/** Pages that one device has open, and connections of it that have not been noticed to be gone. */
const MAX_LINES_PER_DEVICE = 8;

/** What a channel needs of the relay around it. */
export interface ChannelWorld {
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly throttle: Throttle;
  readonly rendezvous: RendezvousBook;
  readonly maxSeats: number;
  /** null: this relay keeps none. */
  readonly notes: NoteDesk | null;
  /** Nobody is connected any more. */
  emptied(channel: Channel): void;
}

/** One host and its devices: who is there, who may come, and where a frame goes. */
export class Channel implements HostOrders {
  readonly revocations = new Revocations();
  /** Pays for all that is sent in this channel. */
  readonly payer: Bucket;
  /** Pays for connecting to it. */
  readonly connects: Bucket;
  readonly #world: ChannelWorld;
  readonly #id: ChannelId;
  #host: HostSeat | null = null;
  /** By slot; while there is no host the numbers mean nothing. */
  #seats = new Map<number, Seat>();
  #lastSlot = 0;
  readonly #held = new Set<Seat>();
  /** On the host's word, until it comes back. */
  #asleepSince: string | null = null;
  /** Of the host that is here. */
  #notes: HostNoteDesk | null = null;

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
    const notes = this.#world.notes?.of(this.#id) ?? null;
    this.#notes = notes;
    tell(line, { type: 'admitted', host: true, ...(notes && { notes: notes.silences }) });
    notes?.came((message) => this.#tellHost(message), this.revocations);
    const seats = this.#seats;
    this.#seats = new Map();
    this.#lastSlot = 0;
    for (const seat of seats.values()) {
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
    tell(line, { type: 'admitted', host: this.hasHost, ...this.#asleep() });
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
    host.line.sendCargoToSlot(seat.slot, cargo);
    if (host.line.unread > HOLD_AT_BYTES) this.#hostIsBehind(host, seat);
  }

  pinged(seat: Seat): void {
    this.#world.throttle.charge(seat.line, 0, seat.payer, this.payer);
    this.#tellSeat(seat, { type: 'pong' });
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
    const seat = this.#seats.get(frame.readUInt32BE(0));
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
        const seat = this.#seats.get(control.slot);
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
        return this.#notes?.slept();
      // Passed over where this relay keeps none, and has not said that it does.
      case 'notes':
        return this.#notes?.leave(control.notes, this.revocations.epoch, this.revocations);
      case 'dropNotes':
        return this.#notes?.drop(control.devices);
      case 'notesHeard':
        return this.#notes?.heard(control.fired);
      // Passed over where this relay keeps none, and has not said that it does.
      case 'mailTaken':
        return;
      default:
        return assertNever(control, 'control');
    }
  }

  hostMisspoke(host: HostSeat): void {
    if (host !== this.#host) return;
    this.#refuse(host.line);
    this.#endHost(CLOSE_REFUSED, NOT_OF_THIS_PROTOCOL);
  }

  hostLeft(host: HostSeat): void {
    if (host === this.#host) this.#endHost(null, '');
  }

  // ── coming and going ──

  #giveSlot(seat: Seat): void {
    this.#lastSlot += 1;
    seat.slot = this.#lastSlot;
    this.#seats.set(seat.slot, seat);
    const { sitter } = seat;
    this.#tellHost({
      type: 'opened',
      slot: seat.slot,
      device: sitter.role === 'device' ? sitter.device : null,
      rendezvous: sitter.role === 'guest' ? sitter.rendezvous : null,
    });
  }

  #unseat(seat: Seat, code: number, reason: string, { isTold = false } = {}): void {
    seat.line.close(code, reason);
    this.#forget(seat, { isTold });
  }

  #forget(seat: Seat, { isTold = false } = {}): void {
    if (this.#seats.get(seat.slot) !== seat) return;
    this.#seats.delete(seat.slot);
    this.#held.delete(seat);
    this.#world.throttle.forget(seat.line);
    this.#count(seat.sitter.role, -1);
    if (seat.sitter.role === 'guest') this.#world.rendezvous.release(seat.sitter.rendezvous);
    if (!isTold) this.#tellHost({ type: 'closed', slot: seat.slot });
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
    if (code !== null) host.line.close(code, reason);
    this.#world.throttle.forget(host.line);
    this.#world.rendezvous.close(this);
    this.#count('host', -1);
    this.#notes?.went();
    this.#notes = null;
    this.#releaseHeld();
    for (const seat of [...this.#seats.values()]) {
      // A guest came to this offer of this host; devices wait for its return.
      if (seat.sitter.role === 'guest') this.#unseat(seat, CLOSE_ENDED, 'The host is gone.');
      else this.#tellSeat(seat, { type: 'host', here: false, ...this.#asleep() });
    }
  }

  #cutRevoked(): void {
    this.#notes?.revoke(this.revocations);
    for (const seat of [...this.#seats.values()]) {
      const { sitter } = seat;
      if (sitter.role !== 'device') continue;
      if (!this.revocations.holdsFor(sitter.device, sitter.epoch)) continue;
      this.#world.metrics.devicesCut += 1;
      tell(seat.line, { type: 'refused', code: 'revoked', message: REVOKED });
      this.#unseat(seat, CLOSE_REFUSED, REVOKED);
    }
  }

  #makeRoomFor(device: DeviceId): void {
    const lines = [...this.#seats.values()].filter(
      ({ sitter }) => sitter.role === 'device' && sitter.device === device,
    );
    const [oldest] = lines;
    if (oldest !== undefined && lines.length >= MAX_LINES_PER_DEVICE)
      this.#unseat(oldest, CLOSE_BUSY, 'This device has too many connections.');
  }

  // ── limits ──

  #limitStay(seat: Seat): void {
    this.#world.clock.after(MAX_GUEST_SECONDS * 1_000, () => {
      if (this.#seats.get(seat.slot) === seat)
        this.#unseat(seat, CLOSE_BUSY, 'The time for pairing is over.');
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

  #hostIsBehind(host: HostSeat, seat: Seat): void {
    if (host.line.unread > MAX_UNREAD_BYTES) return this.#hostIsSlow();
    if (seat.isHeld) return;
    seat.isHeld = true;
    seat.line.pause();
    this.#held.add(seat);
    if (this.#held.size === 1)
      host.line.onceDrained(() => {
        if (this.#host === host) this.#releaseHeld();
      });
  }

  #hostIsSlow(): void {
    this.#world.metrics.slowCloses.host += 1;
    this.#endHost(CLOSE_SLOW, TOO_SLOW);
  }

  #releaseHeld(): void {
    for (const seat of this.#held) {
      seat.isHeld = false;
      seat.line.resume();
    }
    this.#held.clear();
  }

  // ── words ──

  #asleep(): { readonly asleepSince?: string } {
    return this.#host !== null || this.#asleepSince === null
      ? {}
      : { asleepSince: this.#asleepSince };
  }

  #tellHost(message: RelayMessage): void {
    const host = this.#host;
    if (host === null) return;
    tell(host.line, message);
    if (host.line.unread > MAX_UNREAD_BYTES) this.#hostIsSlow();
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

const REVOKED = 'The host has ended the pairing of this device.';
const TOO_SLOW = 'Too much was left unread.';
const NOT_OF_THIS_PROTOCOL = 'That is not of this protocol.';

export function tell(line: Line, message: RelayMessage): void {
  line.sendText(JSON.stringify(message));
}
