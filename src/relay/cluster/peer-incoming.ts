import { forEachPiece, isWhole } from './peer-packet.ts';
import { MAX_UNACKED_BYTES } from './peers.ts';

/**
 * `taken`: its messages have been handed over. `known`: it was heard before. `early`: one in front of
 * it is missing, it is dropped. `broken`: nothing that a node of ours says.
 */
export type Taken = 'taken' | 'known' | 'early' | 'broken';

/** What one node hears from another: each packet once and in order, big messages put together again. */
export class PeerIncoming {
  #heardUpTo = 0;
  #pieces: Buffer[] = [];
  #piecesBytes = 0;
  #isBroken = false;
  #isEnded = false;
  readonly #deliver: (message: Buffer) => void;

  /** `deliver` may call `end`. */
  constructor(deliver: (message: Buffer) => void) {
    this.#deliver = deliver;
  }

  get heardUpTo(): number {
    return this.#heardUpTo;
  }

  take(number: number, packet: Buffer): Taken {
    if (number <= this.#heardUpTo) return 'known';
    if (number > this.#heardUpTo + 1) return 'early';
    if (!isWhole(packet)) return 'broken';
    this.#heardUpTo = number;
    forEachPiece(packet, this.#piece);
    return this.#isBroken ? 'broken' : 'taken';
  }

  /** Nothing more is handed over. */
  end(): void {
    this.#isEnded = true;
    this.#pieces = [];
  }

  readonly #piece = (piece: Buffer, more: boolean): boolean => {
    if (!more && this.#pieces.length === 0) this.#deliver(piece);
    else this.#join(piece, more);
    return !this.#isEnded && !this.#isBroken;
  };

  #join(piece: Buffer, more: boolean): void {
    this.#pieces.push(piece);
    this.#piecesBytes += piece.length;
    if (this.#piecesBytes > MAX_UNACKED_BYTES) {
      this.#isBroken = true;
      return;
    }
    if (more) return;
    const message = Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#piecesBytes = 0;
    this.#deliver(message);
  }
}
