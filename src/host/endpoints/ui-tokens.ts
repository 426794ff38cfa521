import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

export const TOKEN_LIMIT_MS = 120_000;
const MAX_SESSIONS = 32;

/**
 * Who may use the loopback UI. A link's token works once, for two minutes; it is exchanged for a
 * session that lives in the page's sessionStorage (cookies would be shared by every port). Only
 * hashes are kept.
 */
export class UiTokens {
  readonly #now: () => number;
  #offered: { hash: Buffer; until: number } | null = null;
  #sessions: Buffer[] = [];

  constructor(now: () => number) {
    this.#now = now;
  }

  /** A new token; the one before it stops working. */
  offer(): { token: string; expiresAt: Date } {
    const token = secret();
    const until = this.#now() + TOKEN_LIMIT_MS;
    this.#offered = { hash: hashOf(token), until };
    return { token, expiresAt: new Date(until) };
  }

  /** The session for a token, once; null when it is wrong, used or late. */
  exchange(token: string): string | null {
    const offered = this.#offered;
    if (offered === null || this.#now() > offered.until) return null;
    if (!timingSafeEqual(hashOf(token), offered.hash)) return null;
    this.#offered = null;
    const session = secret();
    this.#sessions = [...this.#sessions.slice(1 - MAX_SESSIONS), hashOf(session)];
    return session;
  }

  admits(session: string): boolean {
    const hash = hashOf(session);
    return this.#sessions.some((known) => timingSafeEqual(known, hash));
  }
}

function secret(): string {
  return randomBytes(32).toString('base64url');
}

function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
