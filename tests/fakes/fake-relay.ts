import type { OpenSocket, SocketEvents, SocketFactory } from '../../src/connection/device/ports.ts';
import type { FramePipe } from '../../src/connection/sealed/frame-pipe.ts';
import { CLOSE_ENDED, CLOSE_REFUSED, type RelayMessage } from '../../src/protocol/relay.ts';

type Receiver = Parameters<FramePipe['start']>[0];

/** One device or guest at the fake relay. */
export interface FakeSeat {
  readonly url: string;
  /** What it said, its admission first. */
  readonly said: { type: string; [field: string]: unknown }[];
  readonly cargo: Uint8Array[];
  isOver: boolean;
  tell(message: RelayMessage): void;
  end(code: number, reason: string): void;
}

/**
 * A relay in memory that checks no signature: challenge, admission, then cargo to the pipe that the
 * test's host is given. What it does not do is the test's to say.
 */
export class FakeRelay {
  /** `blocked`: no socket opens. `silent`: half-open, nothing arrives any more in either direction. */
  mode: 'speaks' | 'blocked' | 'silent' = 'speaks';
  refuse: Extract<RelayMessage, { type: 'refused' }> | null = null;
  readonly seats: FakeSeat[] = [];
  dials = 0;
  #isHostHere = true;
  #asleep: { readonly asleepSince?: string } = {};
  /** The host's end of a new slot. */
  onSlot: (pipe: FramePipe, seat: FakeSeat) => void = () => {};
  readonly #slots = new Map<FakeSeat, (() => void) | null>();

  readonly socket: SocketFactory = (url, _protocol, on) => {
    this.dials += 1;
    return new FakeSocket(this, url, on).near;
  };

  get isHostHere(): boolean {
    return this.#isHostHere;
  }

  hostGoes(asleepSince?: string): void {
    this.#isHostHere = false;
    this.#asleep = asleepSince === undefined ? {} : { asleepSince };
    for (const seat of this.openSeats) seat.tell({ type: 'host', here: false, ...this.#asleep });
  }

  get admission(): RelayMessage {
    return { type: 'admitted', host: this.#isHostHere, ...this.#asleep };
  }

  hostComes(): void {
    this.#isHostHere = true;
    this.#asleep = {};
    for (const seat of this.openSeats) {
      this.openSlot(seat);
      seat.tell({ type: 'host', here: true });
    }
  }

  get openSeats(): FakeSeat[] {
    return this.seats.filter(({ isOver }) => !isOver);
  }

  openSlot(seat: FakeSeat): void {
    this.#slots.get(seat)?.();
    const early = seat.cargo.splice(0);
    let on: Receiver | null = null;
    const carried: FramePipe = {
      bufferedBytes: 0,
      start: (receiver) => {
        on = receiver;
        for (const bytes of early.splice(0)) receiver.frame(bytes);
      },
      send: (bytes) => (seat as FakeSocket).toDevice(bytes),
      close: (reason) => {
        if (!isOver) seat.end(CLOSE_ENDED, reason);
      },
    };
    let isOver = false;
    (seat as FakeSocket).toHost = (bytes) => {
      if (isOver) return;
      if (on === null) early.push(bytes);
      else on.frame(bytes);
    };
    this.#slots.set(seat, () => {
      isOver = true;
      on?.close('the slot ended');
    });
    this.onSlot(carried, seat);
  }

  closeSlot(seat: FakeSeat): void {
    this.#slots.get(seat)?.();
    this.#slots.delete(seat);
  }
}

class FakeSocket implements FakeSeat {
  readonly url: string;
  readonly said: FakeSeat['said'] = [];
  readonly cargo: Uint8Array[] = [];
  readonly near: OpenSocket;
  isOver = false;
  #isDeaf = false;
  toHost: (bytes: Uint8Array) => void = (bytes) => void this.cargo.push(bytes);
  readonly #relay: FakeRelay;
  readonly #on: SocketEvents;

  constructor(relay: FakeRelay, url: string, on: SocketEvents) {
    this.url = url;
    this.#relay = relay;
    this.#on = on;
    this.near = {
      bufferedBytes: 0,
      send: (data) => queueMicrotask(() => this.#take(data)),
      // What was sent before still arrives.
      close: (code = 1000, reason = '') => {
        if (this.isOver || this.#isDeaf) return;
        this.#isDeaf = true;
        this.#on.closed(code, reason);
        queueMicrotask(() => this.#over(code, reason));
      },
    };
    queueMicrotask(() => this.#open());
  }

  tell(message: RelayMessage): void {
    this.#deliver(() => this.#on.text(JSON.stringify(message)));
  }

  toDevice(bytes: Uint8Array): void {
    this.#deliver(() => this.#on.cargo(bytes.slice()));
  }

  end(code: number, reason: string): void {
    queueMicrotask(() => this.#over(code, reason));
  }

  #deliver(run: () => void): void {
    queueMicrotask(() => {
      if (!this.isOver && !this.#isDeaf && this.#relay.mode !== 'silent') run();
    });
  }

  #open(): void {
    if (this.#relay.mode === 'blocked') return this.#over(1006, '');
    if (this.#relay.mode === 'silent') return;
    this.#on.opened();
    this.tell({ type: 'challenge', nonce: 'n'.repeat(43) });
  }

  #take(data: string | Uint8Array): void {
    if (this.isOver || this.#relay.mode === 'silent') return;
    if (typeof data !== 'string') return this.toHost(data.slice());
    const message = JSON.parse(data) as FakeSeat['said'][number];
    this.said.push(message);
    if (message.type === 'ping') return this.tell({ type: 'pong' });
    const { refuse } = this.#relay;
    if (refuse !== null) {
      this.tell(refuse);
      return this.end(CLOSE_REFUSED, refuse.message);
    }
    this.#relay.seats.push(this);
    this.tell(this.#relay.admission);
    if (this.#relay.isHostHere) this.#relay.openSlot(this);
    else this.toHost = () => {};
  }

  #over(code: number, reason: string): void {
    if (this.isOver) return;
    this.isOver = true;
    this.#relay.closeSlot(this);
    if (!this.#isDeaf) this.#on.closed(code, reason);
  }
}
