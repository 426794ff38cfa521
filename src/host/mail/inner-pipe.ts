import type { Transport } from '../../connection/transport.ts';

/** Two ends of one connection inside this process: what comes through it is treated like any other's. */
export function innerPipe(): readonly [Transport, Transport] {
  const near = new InnerEnd();
  const far = new InnerEnd();
  near.other = far;
  far.other = near;
  return [near, far];
}

class InnerEnd implements Transport {
  readonly bufferedBytes = 0;
  other: InnerEnd | null = null;
  #on: Parameters<Transport['start']>[0] | null = null;
  #early: string[] = [];
  #isOver = false;

  start(on: Parameters<Transport['start']>[0]): void {
    this.#on = on;
    for (const text of this.#early.splice(0)) on.message(text);
  }

  send(text: string): void {
    // In a turn of its own, as from a network: nobody is called back while it calls.
    if (!this.#isOver) queueMicrotask(() => this.other?.take(text));
  }

  close(reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.other?.end(reason);
  }

  take(text: string): void {
    if (this.#isOver) return;
    if (this.#on === null) this.#early.push(text);
    else this.#on.message(text);
  }

  end(reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#on?.close(reason);
  }
}
