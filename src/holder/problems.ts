import type { Logger } from '../base/log.ts';
import type { HolderNotice } from '../protocol/holder.ts';

/** While no host is there to be told. */
const MAX_WAITING = 10;

/** What a person should know, kept until there is a host that can tell them. */
export class Problems {
  readonly #log: Logger;
  #host: ((notice: HolderNotice) => void) | null = null;
  #waiting: string[] = [];

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Those that waited come after the answer to its hello. */
  to(host: ((notice: HolderNotice) => void) | null): void {
    this.#host = host;
    if (this.#waiting.length > 0) setImmediate(() => this.#flush());
  }

  tell(message: string): void {
    this.#log.warn({ problem: message }, 'a person should know');
    this.#waiting = [...this.#waiting, message].slice(-MAX_WAITING);
    this.#flush();
  }

  #flush(): void {
    const host = this.#host;
    if (host === null) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const message of waiting) host({ tell: 'problem', message });
  }
}
