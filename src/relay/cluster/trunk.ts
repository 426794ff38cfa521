import type { ChannelId, DeviceId } from '../../protocol/relay.ts';
import type { HostEnd } from '../host-end.ts';
import type { Seat } from '../seat.ts';
import type { Stamp } from './stamp.ts';
import type { TrunkWord } from './trunk-words.ts';
import type { Twig } from './twig.ts';

/** What a trunk does to the channel at its end. */
export interface TrunkEnd {
  fromHost(seat: Seat, frame: Buffer): void;
  shut(seat: Seat, code: number, reason: string): void;
  knowsRevoked(devices: readonly DeviceId[], epoch: number): void;
  /** The host is not there any more. */
  ended(trunk: Trunk, asleepSince: string | null): void;
}

/** The way to other nodes, as all trunks use it. */
export interface TrunkWay {
  grow(trunk: Trunk, seat: Seat): Twig;
  cut(twig: Twig): void;
  say(trunk: Trunk, word: TrunkWord): void;
  sendCargo(twig: Twig, cargo: Buffer): void;
  ended(trunk: Trunk): void;
}

/** How a channel reaches its host at another node: one trunk for each time that the host dialled. */
export class Trunk implements HostEnd {
  readonly isHere = false;
  /** Each seat is held back by itself, see `Twig`. */
  readonly unread = 0;
  readonly home: Stamp;
  readonly id: number;
  readonly end: TrunkEnd;
  readonly #way: TrunkWay;
  readonly #twigs = new Map<Seat, Twig>();
  /** Who sits down from now on has connected now; those before had waited for their host. */
  #isSettled = false;

  constructor(id: number, home: Stamp, end: TrunkEnd, way: TrunkWay) {
    this.id = id;
    this.home = home;
    this.end = end;
    this.#way = way;
  }

  attach(channel: ChannelId): void {
    this.#say({ type: 'attach', trunk: this.id, channel, dialledMs: this.home.dialledMs });
  }

  settled(): void {
    this.#isSettled = true;
  }

  onceDrained(): void {}

  opened(seat: Seat): void {
    const twig = this.#way.grow(this, seat);
    this.#twigs.set(seat, twig);
    const { sitter } = seat;
    const { number } = twig;
    if (sitter.role === 'guest') return this.#say({ type: 'guest', trunk: this.id, number });
    const { device, epoch } = sitter;
    const isNew = this.#isSettled;
    this.#say({ type: 'device', trunk: this.id, number, device, epoch, isNew });
  }

  closed(seat: Seat): void {
    const twig = this.#twigs.get(seat);
    if (twig === undefined) return;
    this.#cut(twig);
    this.#say({ type: 'left', number: twig.number });
  }

  send(seat: Seat, cargo: Buffer): void {
    const twig = this.#twigs.get(seat);
    if (twig !== undefined) this.#way.sendCargo(twig, cargo);
  }

  /** By our hand: nobody is here any more, or the host is elsewhere. */
  close(): void {
    this.#say({ type: 'detach', trunk: this.id });
    this.#over();
  }

  // ── from the host's node ──

  /** The root has ended this one, and need not be told. */
  shut(twig: Twig, code: number, reason: string): void {
    this.#cut(twig);
    this.end.shut(twig.seat, code, reason);
  }

  detached(asleepSince: string | null): void {
    this.#over();
    this.end.ended(this, asleepSince);
  }

  #over(): void {
    for (const twig of [...this.#twigs.values()]) this.#cut(twig);
    this.#way.ended(this);
  }

  #cut(twig: Twig): void {
    this.#twigs.delete(twig.seat);
    this.#way.cut(twig);
    twig.release();
  }

  #say(word: TrunkWord): void {
    this.#way.say(this, word);
  }
}
