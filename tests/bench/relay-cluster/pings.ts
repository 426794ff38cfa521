import type { Place } from './bench-host.ts';
import type { SealedDevice, SealedLine } from './sealed-line.ts';

const EVERY_MS = 5;

export interface Watched {
  /** The longest time without an answer. */
  readonly gapMs: number;
  /** Sent and not answered, but for what is still on its way. */
  readonly unanswered: number;
}

/** A sealed device that says something every 5 ms; when its line ends it dials the next node after a wait. */
export class Pings {
  readonly #device: SealedDevice;
  readonly #nodes: readonly Place[];
  readonly #redialMs: number;
  #dials = 0;
  #line: SealedLine | null = null;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;
  #sent = 0;
  readonly #waiting = new Map<string, number>();
  #answeredMs = 0;
  #gapMs = 0;

  constructor(device: SealedDevice, nodes: readonly Place[], redialMs: number) {
    this.#device = device;
    this.#nodes = nodes;
    this.#redialMs = redialMs;
  }

  async start(): Promise<void> {
    await this.#dial();
    this.#timer = setInterval(() => this.#ping(), EVERY_MS);
  }

  watch(): void {
    this.#waiting.clear();
    this.#answeredMs = performance.now();
    this.#gapMs = 0;
  }

  watched(): Watched {
    const nowMs = performance.now();
    const old = [...this.#waiting.values()].filter((sentMs) => nowMs - sentMs > 1_000);
    return { gapMs: Math.max(this.#gapMs, nowMs - this.#answeredMs), unanswered: old.length };
  }

  stop(): void {
    this.#isOver = true;
    clearInterval(this.#timer);
    this.#line?.end();
  }

  #ping(): void {
    this.#sent += 1;
    const text = String(this.#sent);
    this.#waiting.set(text, performance.now());
    this.#line?.send(text);
  }

  #heard(text: string): void {
    const nowMs = performance.now();
    this.#waiting.delete(text);
    this.#gapMs = Math.max(this.#gapMs, nowMs - this.#answeredMs);
    this.#answeredMs = nowMs;
  }

  async #dial(): Promise<void> {
    const node = this.#nodes[this.#dials % this.#nodes.length];
    if (node === undefined) throw new Error('No node is named.');
    this.#dials += 1;
    const line = await this.#device.open(node, 'here', {
      heard: (text) => this.#heard(text),
      lost: () => this.#lost(),
    });
    this.#line = line;
  }

  #lost(): void {
    this.#line?.end();
    this.#line = null;
    // Of a line that never came to be its end is told too; one dial for each.
    if (!this.#isOver) setTimeout(() => void this.#dial().catch(() => {}), this.#redialMs);
  }
}
