import { fromBase64url, toBase64url } from '../../base/base64url.ts';
import {
  MAX_POLL_UP_BYTES,
  POLL_RESUME_SECONDS,
  pollClosedSchema,
  pollOpenedSchema,
  RELAY_POLL_PATH,
} from '../../protocol/relay.ts';
import { systemTimers, type Timers } from '../timers.ts';
import type { FetchLike, OpenSocket, SocketEvents } from './ports.ts';
import { SseParser, type SseEvent } from './sse.ts';

/** What the contract allows in one POST, and what keeps one POST small. */
const MAX_FRAMES = 64;
const MAX_POST_CHARS = MAX_POLL_UP_BYTES / 2;
/** Longer away, and the relay has forgotten it. */
const RESUME_LIMIT_MS = POLL_RESUME_SECONDS * 1_000;
const RETRY_MS = 500;
const POST_LIMIT_MS = 15_000;

type Frame = { readonly text: string } | { readonly cargo: string };

/** The fallback where WebSocket is blocked, see src/protocol/relay.ts: frames go up by POST and come down as events. */
export function pollSocket(
  fetch: FetchLike,
  relay: string,
  on: SocketEvents,
  timers: Timers = systemTimers,
): OpenSocket {
  return new PollSocket(fetch, `${relay}${RELAY_POLL_PATH}`, on, timers);
}

class PollSocket implements OpenSocket {
  readonly #fetch: FetchLike;
  readonly #path: string;
  readonly #on: SocketEvents;
  readonly #timers: Timers;
  readonly #over = new AbortController();
  readonly #waiting: { frame: Frame; chars: number }[] = [];
  #waitingChars = 0;
  #isPosting = false;
  #posts = 0;
  #lastEvent = 0;

  constructor(fetch: FetchLike, path: string, on: SocketEvents, timers: Timers) {
    this.#fetch = fetch;
    this.#path = path;
    this.#on = on;
    this.#timers = timers;
    this.#run().catch((error: unknown) =>
      this.#end(1006, error instanceof Error ? error.message : String(error)),
    );
  }

  get bufferedBytes(): number {
    return this.#waitingChars;
  }

  send(data: string | Uint8Array): void {
    if (this.#over.signal.aborted) return;
    const isText = typeof data === 'string';
    const body = isText ? data : toBase64url(data);
    const chars = body.length;
    this.#waiting.push({ frame: isText ? { text: body } : { cargo: body }, chars });
    this.#waitingChars += chars;
    this.#pump();
  }

  close(code = 1000, reason = ''): void {
    this.#end(code, reason);
  }

  #id = '';

  async #run(): Promise<void> {
    const opened = await this.#ask('POST', this.#path);
    if (!opened.ok) throw new Error(`The relay answered ${opened.status}.`);
    this.#id = pollOpenedSchema.parse(JSON.parse(await opened.text())).id;
    this.#on.opened();
    this.#pump();
    let lostAtMs: number | null = null;
    for (;;) {
      const before = this.#lastEvent;
      const status = await this.#listen().catch(() => 0);
      if (this.#over.signal.aborted) return;
      // Answered in words that it is over: there is nothing to resume.
      if (status >= 400 && status < 500) throw new Error('The relay has ended this connection.');
      const nowMs = this.#timers.nowMs();
      lostAtMs = lostAtMs === null || this.#lastEvent > before ? nowMs : lostAtMs;
      if (nowMs - lostAtMs > RESUME_LIMIT_MS) throw new Error('The relay cannot be reached.');
      await this.#pause();
    }
  }

  /** Until the stream ends; the HTTP status. */
  async #listen(): Promise<number> {
    const answer = await this.#fetch(`${this.#path}/${this.#id}/down`, {
      method: 'GET',
      cache: 'no-store',
      headers: {
        accept: 'text/event-stream',
        ...(this.#lastEvent > 0 && { 'last-event-id': `${this.#lastEvent}` }),
      },
      signal: this.#over.signal,
    });
    if (!answer.ok || answer.body === null) return answer.status;
    const reader = answer.body.getReader();
    const parser = new SseParser((event) => this.#onEvent(event));
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done || this.#over.signal.aborted) return answer.status;
        if (value !== undefined) parser.push(value);
      }
    } finally {
      reader.cancel().catch(() => {});
    }
  }

  #onEvent({ id, event, data }: SseEvent): void {
    if (this.#over.signal.aborted) return;
    const number = Number(id);
    // Came already, before the stream was resumed.
    if (number <= this.#lastEvent) return;
    if (number !== this.#lastEvent + 1) return this.#end(1006, 'a frame was lost');
    this.#lastEvent = number;
    if (event === 'text') return this.#on.text(data);
    if (event === 'close') {
      const { code, reason } = pollClosedSchema.parse(JSON.parse(data));
      return this.#end(code, reason);
    }
    const bytes = event === 'cargo' ? fromBase64url(data) : null;
    if (bytes !== null) this.#on.cargo(bytes);
  }

  #pump(): void {
    if (this.#isPosting || this.#id === '' || this.#waiting.length === 0) return;
    this.#isPosting = true;
    const taken: Frame[] = [];
    let chars = 0;
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if (taken.length > 0 && (taken.length >= MAX_FRAMES || chars + next.chars > MAX_POST_CHARS))
        break;
      taken.push(next.frame);
      chars += next.chars;
      this.#waiting.shift();
    }
    this.#posts += 1;
    this.#post(JSON.stringify({ n: this.#posts, frames: taken })).then(
      () => {
        this.#isPosting = false;
        this.#waitingChars -= chars;
        this.#pump();
      },
      (error: unknown) => this.#end(1006, error instanceof Error ? error.message : String(error)),
    );
  }

  /** Again with the same number where the network failed: the relay does it once. */
  async #post(body: string): Promise<void> {
    const untilMs = this.#timers.nowMs() + RESUME_LIMIT_MS;
    for (;;) {
      try {
        const { ok, status } = await this.#ask('POST', `${this.#path}/${this.#id}/up`, body);
        if (ok) return;
        if (status < 500) throw new PostRefused('The relay has ended this connection.');
      } catch (error) {
        if (error instanceof PostRefused || this.#over.signal.aborted) throw error;
      }
      if (this.#timers.nowMs() > untilMs) throw new Error('The relay cannot be reached.');
      await this.#pause();
    }
  }

  async #ask(method: 'POST', url: string, body?: string): ReturnType<FetchLike> {
    const limit = new AbortController();
    const end = (): void => limit.abort();
    const cancel = this.#timers.after(POST_LIMIT_MS, end);
    this.#over.signal.addEventListener('abort', end);
    try {
      return await this.#fetch(url, {
        method,
        cache: 'no-store',
        ...(body !== undefined && { body, headers: { 'content-type': 'application/json' } }),
        signal: limit.signal,
      });
    } finally {
      cancel();
      this.#over.signal.removeEventListener('abort', end);
    }
  }

  async #pause(): Promise<void> {
    const { signal } = this.#over;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        cancel();
        signal.removeEventListener('abort', done);
        resolve();
      };
      const cancel = this.#timers.after(RETRY_MS, done);
      signal.addEventListener('abort', done);
    });
  }

  #end(code: number, reason: string): void {
    if (this.#over.signal.aborted) return;
    this.#over.abort();
    this.#waiting.length = 0;
    this.#waitingChars = 0;
    this.#on.closed(code, reason);
  }
}

class PostRefused extends Error {
  override name = 'PostRefused';
}
