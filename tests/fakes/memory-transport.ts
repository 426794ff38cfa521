import type { Transport } from '../../src/connection/transport.ts';

type Receiver = Parameters<Transport['start']>[0];

/** Two ends of one pipe in memory; messages arrive in order, each in a turn of its own. */
export function memoryPipe(): { near: Transport; far: Transport; cut(reason: string): void } {
  const near = new End();
  const far = new End();
  near.other = far;
  far.other = near;
  return {
    near,
    far,
    cut: (reason) => {
      near.end(reason);
      far.end(reason);
    },
  };
}

class End implements Transport {
  readonly bufferedBytes = 0;
  other: End | null = null;
  #receiver: Receiver | null = null;
  #early: string[] = [];
  #isOver = false;

  start(on: Receiver): void {
    this.#receiver = on;
    for (const text of this.#early.splice(0)) on.message(text);
  }

  send(text: string): void {
    const { other } = this;
    if (!this.#isOver) queueMicrotask(() => other?.take(text));
  }

  take(text: string): void {
    if (this.#isOver) return;
    if (this.#receiver === null) this.#early.push(text);
    else this.#receiver.message(text);
  }

  close(reason: string): void {
    this.#isOver = true;
    this.other?.end(reason);
  }

  end(reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#receiver?.close(reason);
  }
}
