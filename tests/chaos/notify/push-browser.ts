import type { PushPayload } from '../../../src/protocol/push.ts';

type Show = Extract<PushPayload, { type: 'show' }>;

/** One time that a person was shown something. */
export interface Showing {
  readonly tag: string;
  readonly round: number;
  readonly loud: boolean;
  /** When the host told it. */
  readonly toldMs: number;
  readonly count: number | null;
}

/**
 * A browser with the app's service worker, as far as what stands on its screen goes: each telling once,
 * and nothing that was taken back for good. See renderer/phone/worker/push/told.ts.
 */
export class PushBrowser {
  /** By tag. */
  readonly standing = new Map<string, Show>();
  readonly showings: Showing[] = [];
  /** Pushes of a telling that had been shown already. */
  again = 0;
  /** Tellings that came after they had been taken back. */
  late = 0;
  /** Withdrawals of what was never shown here: where each push must show something, a person sees them. */
  vain = 0;
  readonly #rounds = new Set<string>();
  readonly #everShown = new Set<string>();
  /** By tag, the last round that is over. */
  readonly #gone = new Map<string, number>();

  push(payload: PushPayload): void {
    switch (payload.type) {
      case 'show':
        return this.#show(payload);
      case 'withdraw':
        if (!payload.tags.some((tag) => this.#everShown.has(tag))) this.vain += 1;
        for (const [at, tag] of payload.tags.entries()) {
          this.standing.delete(tag);
          this.#gone.set(tag, payload.rounds?.[at] ?? Infinity);
        }
        return;
      default:
    }
  }

  #show(payload: Show): void {
    const { tag, round, loud, at, count } = payload;
    if (round <= (this.#gone.get(tag) ?? 0)) {
      this.late += 1;
      return;
    }
    const key = `${tag} ${round}`;
    if (this.#rounds.has(key)) {
      this.again += 1;
      return;
    }
    this.#rounds.add(key);
    this.#everShown.add(tag);
    this.showings.push({ tag, round, loud, toldMs: Date.parse(at), count: count ?? null });
    this.standing.set(tag, payload);
  }
}
