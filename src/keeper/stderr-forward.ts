/** One notice. */
const MAX_NOTICE_CHARS = 4 * 1024;
/** What an agent may say to our log; its own log is the place for more. */
const BURST_CHARS = 256 * 1024;
const CHARS_PER_MS = 64;

/**
 * Passes an agent's stderr on in pieces, at a bounded rate; what is over it is dropped and counted.
 * What was said while nobody listened is kept up to its last 4 KiB: the reason of an early death.
 */
export class StderrForward {
  readonly #send: (text: string) => boolean;
  readonly #now: () => number;
  #allowance = BURST_CHARS;
  #countedAt: number;
  #dropped = 0;
  #unheard = '';

  /** `send` answers false when nobody listens, or cannot just now. `now` is in ms. */
  constructor(send: (text: string) => boolean, now: () => number) {
    this.#send = send;
    this.#now = now;
    this.#countedAt = now();
  }

  push(text: string): void {
    const now = this.#now();
    this.#allowance = Math.min(
      BURST_CHARS,
      this.#allowance + (now - this.#countedAt) * CHARS_PER_MS,
    );
    this.#countedAt = now;
    const allowed = text.slice(0, Math.max(0, Math.floor(this.#allowance)));
    this.#allowance -= allowed.length;
    if (allowed !== '' && this.#dropped > 0) {
      this.#pieces(`[${this.#dropped} characters left out]\n`);
      this.#dropped = 0;
    }
    this.#dropped += text.length - allowed.length;
    this.#pieces(allowed);
  }

  /** Says what was kept for a listener. */
  flush(): void {
    const text = this.#unheard;
    this.#unheard = '';
    this.#pieces(text);
  }

  #pieces(text: string): void {
    for (let at = 0; at < text.length; at += MAX_NOTICE_CHARS) {
      const piece = text.slice(at, at + MAX_NOTICE_CHARS);
      if (!this.#send(piece)) this.#unheard = (this.#unheard + piece).slice(-MAX_NOTICE_CHARS);
    }
  }
}
