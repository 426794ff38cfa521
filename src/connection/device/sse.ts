export interface SseEvent {
  readonly id: string;
  readonly event: string;
  readonly data: string;
}

/** One event may be this long; whoever sends more is no relay of ours. */
const MAX_EVENT_CHARS = 512 * 1024;

/** Reads an event stream (WHATWG HTML §9.2.6) as its bytes come in. */
export class SseParser {
  readonly #emit: (event: SseEvent) => void;
  readonly #decoder = new TextDecoder('utf-8');
  #rest = '';
  #id = '';
  #event = '';
  #data: string[] = [];

  constructor(emit: (event: SseEvent) => void) {
    this.#emit = emit;
  }

  /** Throws when an event is over the limit. */
  push(bytes: Uint8Array): void {
    this.#rest += this.#decoder.decode(bytes, { stream: true });
    // A lone \r at the end may be the first half of \r\n.
    const lines = this.#rest.split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#onLine(line);
    if (this.#rest.length > MAX_EVENT_CHARS) throw new Error('An event is too long.');
  }

  #onLine(line: string): void {
    if (line === '') return this.#dispatch();
    const colon = line.indexOf(':');
    if (colon === 0) return;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'id') this.#id = value;
    else if (field === 'event') this.#event = value;
    else if (field === 'data') this.#data.push(value);
  }

  #dispatch(): void {
    const event = { id: this.#id, event: this.#event, data: this.#data.join('\n') };
    const isEmpty = this.#data.length === 0;
    this.#event = '';
    this.#data = [];
    if (!isEmpty) this.#emit(event);
  }
}
