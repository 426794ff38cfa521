import type { SplitLine } from '../base/line-splitter.ts';
import { SpoolFile, type SpoolDamage } from './spool-file.ts';

export interface SpoolLimits {
  readonly memoryBytes: number;
  readonly fileBytes: number;
}

export type SpooledLine = SplitLine & { readonly offset: number };

interface Held {
  readonly line: SplitLine;
  readonly cost: number;
}

/** Per line in memory beside its text. */
const LINE_OVERHEAD_BYTES = 64;

/**
 * Lines between an agent and a host that may be slow or gone, numbered from 1, in order:
 *
 *     ack ◂─ front (memory, what may be sent) ◂─ file (fifo) ◂─ back (only when the file refuses) ◂─ append
 *
 * Nothing is ever dropped: when it is `full`, stop appending. A single line always fits in front.
 * A line that the disk has lost keeps its number and comes as `oversize` of 0 bytes.
 */
export class Spool {
  readonly #limits: SpoolLimits;
  readonly #file: SpoolFile;
  #front: Held[] = [];
  #frontBytes = 0;
  #back: SplitLine[] = [];
  #last = 0;
  #acked = 0;

  constructor(
    path: string,
    limits: SpoolLimits,
    damaged: (damage: SpoolDamage) => void = () => {},
  ) {
    this.#file = new SpoolFile(path, damaged);
    this.#limits = limits;
  }

  get lastOffset(): number {
    return this.#last;
  }

  get ackedOffset(): number {
    return this.#acked;
  }

  /** Until the file has been read to its end; then it starts anew. */
  get isFull(): boolean {
    return this.#back.length > 0 || this.#file.bytes >= this.#limits.fileBytes;
  }

  append(line: SplitLine): void {
    this.#last += 1;
    if (this.#file.bytes === 0 && this.#back.length === 0 && this.#fits(costOf(line)))
      this.#hold(line);
    else if (this.#back.length > 0 || !this.#file.append(this.#last, line)) this.#back.push(line);
  }

  /** The line at `offset` when it is in memory; those behind follow as earlier ones are acked. */
  at(offset: number): SpooledLine | null {
    const held = this.#front[offset - this.#acked - 1];
    return held === undefined ? null : { ...held.line, offset };
  }

  /** Frees lines up to `offset`; what was never there is not acknowledged. */
  ack(offset: number): void {
    const until = Math.min(offset, this.#acked + this.#front.length);
    if (until <= this.#acked) return;
    for (const held of this.#front.splice(0, until - this.#acked)) this.#frontBytes -= held.cost;
    this.#acked = until;
    this.#refill();
    if (offset > until && this.#front.length > 0) this.ack(Math.min(offset, this.#last));
  }

  dispose(): void {
    this.#front = [];
    this.#back = [];
    this.#file.dispose();
  }

  #fits(cost: number): boolean {
    return this.#front.length === 0 || this.#frontBytes + cost <= this.#limits.memoryBytes;
  }

  #hold(line: SplitLine): void {
    const cost = costOf(line);
    this.#front.push({ line, cost });
    this.#frontBytes += cost;
  }

  #refill(): void {
    while (this.#file.hasNext && this.#frontBytes < this.#limits.memoryBytes) {
      const line = this.#file.peek();
      if (this.#front.length > 0 && !this.#fits(costOf(line))) return;
      this.#hold(line);
      this.#file.skip();
    }
    if (this.#file.hasNext) return;
    this.#file.empty();
    for (;;) {
      const line = this.#back[0];
      if (line === undefined || !this.#fits(costOf(line))) return;
      this.#back.shift();
      this.#hold(line);
    }
  }
}

function costOf(line: SplitLine): number {
  return LINE_OVERHEAD_BYTES + (line.kind === 'line' ? line.text.length : 0);
}
