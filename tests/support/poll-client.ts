import { withDeadline } from '../../src/base/deadline.ts';
import {
  pollOpenedSchema,
  RELAY_POLL_PATH,
  relayMessageSchema,
  type RelayMessage,
} from '../../src/protocol/relay.ts';

const LIMIT_MS = 5_000;

export interface PollEvent {
  readonly id: number;
  readonly event: string;
  readonly data: string;
}

/** A scripted client of the fallback: POSTs what it is told to, and keeps every event. */
export class PollClient {
  readonly #base: string;
  readonly events: PollEvent[] = [];
  #posts = 0;
  #taken = 0;
  #stream: AbortController | null = null;
  #wake: () => void = () => {};

  private constructor(base: string) {
    this.#base = base;
  }

  static async open(url: string): Promise<PollClient> {
    const answer = await fetch(`${url}${RELAY_POLL_PATH}`, { method: 'POST' });
    if (!answer.ok) throw new Error(`The relay answered ${answer.status}`);
    const { id } = pollOpenedSchema.parse(await answer.json());
    return new PollClient(`${url}${RELAY_POLL_PATH}/${id}`);
  }

  /** What nobody else may know. */
  get secret(): string {
    return this.#base.slice(this.#base.lastIndexOf('/') + 1);
  }

  get posts(): number {
    return this.#posts;
  }

  /** Opens the stream, after the last event seen or another; the HTTP status. */
  async listen(after = this.events.at(-1)?.id ?? 0): Promise<number> {
    this.drop();
    const stream = new AbortController();
    this.#stream = stream;
    const answer = await fetch(`${this.#base}/down`, {
      headers: after > 0 ? { 'last-event-id': String(after) } : {},
      signal: stream.signal,
    });
    if (answer.ok && answer.body !== null) this.#read(answer.body).catch(() => {});
    return answer.status;
  }

  /** As a network that breaks. */
  drop(): void {
    this.#stream?.abort();
    this.#stream = null;
  }

  async up(frames: object[], n = this.#posts + 1): Promise<number> {
    return await this.upRaw(JSON.stringify({ n, frames }), n);
  }

  async upRaw(body: string, n = this.#posts): Promise<number> {
    const answer = await fetch(`${this.#base}/up`, { method: 'POST', body });
    await answer.arrayBuffer();
    if (answer.ok) this.#posts = n;
    return answer.status;
  }

  async say(message: unknown): Promise<number> {
    return await this.up([{ text: JSON.stringify(message) }]);
  }

  async send(cargo: Uint8Array): Promise<number> {
    return await this.up([{ cargo: Buffer.from(cargo).toString('base64url') }]);
  }

  /** The next event that was not taken yet. */
  async next(): Promise<PollEvent> {
    const waiting = async (): Promise<PollEvent> => {
      for (;;) {
        const event = this.events[this.#taken];
        if (event !== undefined) {
          this.#taken += 1;
          return event;
        }
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    };
    return await withDeadline(waiting(), LIMIT_MS, 'Waiting for an event');
  }

  async text(): Promise<RelayMessage> {
    const { event, data } = await this.next();
    if (event !== 'text') throw new Error(`${event} instead of a text: ${data}`);
    return relayMessageSchema.parse(JSON.parse(data));
  }

  async cargo(): Promise<Buffer> {
    const { event, data } = await this.next();
    if (event !== 'cargo') throw new Error(`${event} instead of cargo: ${data}`);
    return Buffer.from(data, 'base64url');
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    let rest = '';
    for await (const chunk of body) {
      const blocks = (rest + Buffer.from(chunk).toString()).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) this.#onBlock(block);
    }
  }

  #onBlock(block: string): void {
    const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
    const id = field('id');
    if (id === undefined) return;
    this.events.push({ id: Number(id), event: field('event') ?? '', data: field('data') ?? '' });
    this.#wake();
  }
}
