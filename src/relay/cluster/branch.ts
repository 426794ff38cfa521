import { CLOSE_SLOW, MAX_UNREAD_BYTES } from '../../protocol/relay.ts';
import { SLOT_BYTES, type Line, type LineListener } from '../line.ts';
import { TOO_SLOW } from '../words.ts';
import { FRAME_BYTES, WINDOW_BYTES } from './twig.ts';

/** Credit goes back in pieces of this size: none for a prompt, some for a photo. */
const CREDIT_BYTES = WINDOW_BYTES / 4;
/** The other side stops at its window and one frame. */
const MAX_WAITING_BYTES = 2 * WINDOW_BYTES;

const nobody: LineListener = { onText() {}, onCargo() {}, onClosed() {} };

/** The way to the node where the device is, as all its branches use it. */
export interface BranchWay {
  sendCargo(number: number, frame: Buffer): void;
  credit(number: number, bytes: number): void;
  close(branch: Branch, code: number, reason: string): void;
  /** Bytes on the way to that node, of all branches. */
  readonly unacked: number;
  /** Counts up each time that what was on the way one count before has arrived. */
  readonly round: number;
  onceAcked(act: () => void): void;
}

/** What it hangs on: the trunk's end at this node. */
export interface BranchRoot {
  /** Cargo went over it. */
  sent(): void;
  /** It is over, on whose word ever. */
  fallen(): void;
}

/**
 * The line of a device or guest that is at another node, at the node of its host. That node says to
 * the device what is to be said of hosts; only cargo, its end and its pace go over this line.
 */
export class Branch implements Line {
  listener: LineListener = nobody;
  readonly isElsewhere = true;
  readonly number: number;
  readonly #way: BranchWay;
  /** Came while nobody read. */
  readonly #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #pauses = 0;
  /** Taken, and not yet told. */
  #taken = 0;
  #round = 0;
  #sentThisRound = 0;
  #sentLastRound = 0;

  readonly #root: BranchRoot;

  constructor(number: number, way: BranchWay, root: BranchRoot) {
    this.number = number;
    this.#way = way;
    this.#root = root;
  }

  get unread(): number {
    // With little on the way to that node none of its branches can have much: nearly always so.
    if (this.#way.unacked < MAX_UNREAD_BYTES) return 0;
    this.#turn();
    return this.#sentThisRound + this.#sentLastRound;
  }

  admitted(): void {}

  /** What a channel says to a device the channel at the other node says by itself. */
  sendText(): void {}

  sendCargoAfterSlot(frame: Buffer): void {
    this.#turn();
    this.#sentThisRound += frame.length;
    this.#way.sendCargo(this.number, frame);
    this.#root.sent();
  }

  /** Of hosts' lines only. */
  sendCargoToSlot(_slot: number, cargo: Buffer): void {
    this.sendCargoAfterSlot(Buffer.concat([Buffer.alloc(SLOT_BYTES), cargo]));
  }

  close(code: number, reason: string): void {
    this.#over();
    this.#way.close(this, code, reason);
  }

  onceDrained(act: () => void): void {
    this.#way.onceAcked(act);
  }

  pause(): void {
    this.#pauses += 1;
  }

  resume(): void {
    this.#pauses = Math.max(0, this.#pauses - 1);
    while (this.#pauses === 0) {
      const cargo = this.#waiting.shift();
      if (cargo === undefined) return;
      this.#waitingBytes -= cargo.length + FRAME_BYTES;
      this.#take(cargo);
    }
  }

  // ── from the other node ──

  received(cargo: Buffer): void {
    if (this.#pauses === 0) return this.#take(cargo);
    this.#waiting.push(cargo);
    this.#waitingBytes += cargo.length + FRAME_BYTES;
    if (this.#waitingBytes <= MAX_WAITING_BYTES) return;
    const { listener } = this;
    this.close(CLOSE_SLOW, TOO_SLOW);
    listener.onClosed();
  }

  /** The device left, or its node is lost, or the host is gone. */
  left(): void {
    const { listener } = this;
    this.#over();
    listener.onClosed();
  }

  #take(cargo: Buffer): void {
    this.#taken += cargo.length + FRAME_BYTES;
    if (this.#taken >= CREDIT_BYTES) {
      this.#way.credit(this.number, this.#taken);
      this.#taken = 0;
    }
    this.listener.onCargo(cargo);
  }

  #over(): void {
    this.listener = nobody;
    this.#waiting.length = 0;
    this.#pauses = 0;
    this.#root.fallen();
  }

  #turn(): void {
    const { round } = this.#way;
    if (round === this.#round) return;
    this.#sentLastRound = round === this.#round + 1 ? this.#sentThisRound : 0;
    this.#sentThisRound = 0;
    this.#round = round;
  }
}
