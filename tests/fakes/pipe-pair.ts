import type { FramePipe } from '../../src/connection/sealed/frame-pipe.ts';

type Handlers = Parameters<FramePipe['start']>[0];

/** What somebody between the two ends does with a frame: the frames that go on in its place. */
export type Meddler = (
  frame: Uint8Array,
  index: number,
  /** Back to its sender. */
  reflect: (frame: Uint8Array) => void,
) => readonly Uint8Array[];

/** Two ends in memory; each frame is delivered in a microtask of its own. */
export class PipeEnd implements FramePipe {
  other: PipeEnd | null = null;
  meddle: Meddler = (frame) => [frame];
  readonly sent: Uint8Array[] = [];
  closedBecause: string | null = null;
  bufferedBytes = 0;
  /** While true, frames wait here, as in a network that stands still. */
  isHeld = false;
  readonly #held: Uint8Array[] = [];
  #handlers: Handlers | null = null;
  #waiting: Uint8Array[] = [];

  start(on: Handlers): void {
    this.#handlers = on;
    for (const frame of this.#waiting.splice(0)) on.frame(frame);
  }

  send(bytes: Uint8Array): void {
    if (this.closedBecause !== null) return;
    this.sent.push(bytes);
    for (const frame of this.meddle(bytes, this.sent.length - 1, (frame) =>
      this.#later(this, frame),
    )) {
      if (this.isHeld) this.#held.push(frame);
      else this.#pass(frame);
    }
  }

  release(): void {
    this.isHeld = false;
    for (const frame of this.#held.splice(0)) this.#pass(frame);
  }

  close(reason: string): void {
    if (this.closedBecause !== null) return;
    this.closedBecause = reason;
    const other = this.other;
    queueMicrotask(() => other?.lost('the pipe closed'));
  }

  lost(reason: string): void {
    if (this.closedBecause !== null) return;
    this.closedBecause = reason;
    this.#handlers?.close(reason);
  }

  deliver(bytes: Uint8Array): void {
    if (this.closedBecause !== null) return;
    if (this.#handlers === null) this.#waiting.push(bytes);
    else this.#handlers.frame(bytes);
  }

  #pass(frame: Uint8Array): void {
    if (this.other !== null) this.#later(this.other, frame);
  }

  #later(to: PipeEnd, frame: Uint8Array): void {
    const copy = frame.slice();
    queueMicrotask(() => to.deliver(copy));
  }
}

export function pipePair(): { device: PipeEnd; host: PipeEnd } {
  const device = new PipeEnd();
  const host = new PipeEnd();
  device.other = host;
  host.other = device;
  return { device, host };
}
