import { relayMessageSchema, type GuestControl, type RelayMessage } from '../../protocol/relay.ts';
import type { Timers } from '../timers.ts';
import type { OpenSocket, SocketEvents } from './ports.ts';

/** From the first byte to `admitted`. */
export const ADMISSION_LIMIT_MS = 8_000;

export type Refusal = Extract<RelayMessage, { type: 'refused' }>;

/** What became of a mail. */
export type MailAnswer = Extract<RelayMessage, { type: 'mailLeft' | 'mailNotLeft' }>;

export interface RelayLineEvents {
  /** The relay has spoken: this way works. What is sent from now on follows the admission. */
  proved(): void;
  /**
   * `asleepSince`: where the host is not here, since when its machine sleeps, as the relay says.
   * `mailMaxAgeSec`: for how long it keeps mail; null: it keeps none.
   */
  admitted(hostIsHere: boolean, asleepSince: string | null, mailMaxAgeSec: number | null): void;
  /** It came or went: in both cases what was said to it before is void. */
  host(isHere: boolean, asleepSince: string | null): void;
  cargo(bytes: Uint8Array): void;
  pong(): void;
  mail(answer: MailAnswer): void;
  /** Once, at the end. `refused` is what the relay said before it closed. */
  closed(code: number, reason: string, refused: Refusal | null): void;
}

export interface RelayLineNeeds {
  /** Begins to open the way: a WebSocket, or its fallback. */
  open(on: SocketEvents): OpenSocket;
  /** The JSON of an admission that answers this nonce. */
  admission(nonce: string): Promise<string>;
  readonly timers: Timers;
  readonly on: RelayLineEvents;
}

/**
 * A device's or guest's place at a relay: answers its challenge, and then carries cargo. Messages of
 * a newer relay that this version does not know are passed over.
 */
export class RelayLine {
  readonly #needs: RelayLineNeeds;
  readonly #socket: OpenSocket;
  #cancelLimit: () => void;
  #isChallenged = false;
  #isOver = false;
  #refused: Refusal | null = null;

  constructor(needs: RelayLineNeeds) {
    this.#needs = needs;
    this.#cancelLimit = needs.timers.after(ADMISSION_LIMIT_MS, () =>
      this.close('the relay did not answer in time'),
    );
    this.#socket = needs.open({
      opened: () => {},
      text: (text) => this.#onText(text),
      cargo: (bytes) => {
        if (!this.#isOver) needs.on.cargo(bytes);
      },
      closed: (code, reason) => this.#end(code, reason),
    });
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  get bufferedBytes(): number {
    return this.#isOver ? 0 : this.#socket.bufferedBytes;
  }

  send(cargo: Uint8Array): void {
    if (!this.#isOver) this.#socket.send(cargo);
  }

  say(control: GuestControl): void {
    if (!this.#isOver) this.#socket.send(JSON.stringify(control));
  }

  ping(): void {
    this.say({ type: 'ping' });
  }

  /** `closed` is told at once. */
  close(reason: string): void {
    if (this.#isOver) return;
    this.#end(1000, reason);
    this.#socket.close(1000);
  }

  #onText(text: string): void {
    if (this.#isOver) return;
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      return this.close('what answered is no relay');
    }
    const parsed = relayMessageSchema.safeParse(json);
    if (parsed.success) this.#onMessage(parsed.data);
    else if (!this.#isChallenged) this.close('what answered is no relay of this version');
  }

  #onMessage(message: RelayMessage): void {
    const { on } = this.#needs;
    switch (message.type) {
      case 'challenge':
        return this.#onChallenge(message.nonce);
      case 'admitted':
        this.#cancelLimit();
        return on.admitted(
          message.host,
          message.asleepSince ?? null,
          message.mail?.maxAgeSec ?? null,
        );
      case 'host':
        return on.host(message.here, message.asleepSince ?? null);
      case 'pong':
        return on.pong();
      case 'refused':
        this.#refused = message;
        return;
      case 'mailLeft':
      case 'mailNotLeft':
        return on.mail(message);
      case 'notesFired':
      case 'notesRefused':
      case 'mail':
      case 'opened':
      case 'closed':
        // Said to hosts.
        return;
    }
  }

  #onChallenge(nonce: string): void {
    if (this.#isChallenged) return;
    this.#isChallenged = true;
    this.#needs.admission(nonce).then(
      (admission) => {
        if (this.#isOver) return;
        this.#socket.send(admission);
        this.#needs.on.proved();
      },
      (error: unknown) => this.close(error instanceof Error ? error.message : String(error)),
    );
  }

  #end(code: number, reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#cancelLimit();
    this.#needs.on.closed(code, reason, this.#refused);
  }
}
