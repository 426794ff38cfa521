import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';

export const TOKEN_LIMIT_MS = 120_000;
/** A page that was not seen for so long needs a new link. */
export const SESSION_LIMIT_MS = 24 * 3_600_000;
/** How exactly it is kept when a page was last seen. */
const SEEN_EVERY_MS = 3_600_000;
const MAX_SESSIONS = 32;

/** A page's session as it is kept: only the hash of it. */
export const uiSessionSchema = z.object({
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  seenAtMs: z.number(),
});
export type UiSession = z.infer<typeof uiSessionSchema>;

export interface UiTokensNeeds {
  /** Sessions of pages that an earlier host has admitted. */
  readonly sessions: readonly UiSession[];
  now(): number;
  /** They are to be kept for the next host. */
  changed(sessions: readonly UiSession[]): void;
}

/**
 * Who may use the loopback UI. A link's token works once, for two minutes; it is exchanged for a
 * session that lives in the page's sessionStorage (cookies would be shared by every port). Only
 * hashes are kept.
 */
export class UiTokens {
  readonly #needs: UiTokensNeeds;
  #offered: { hash: string; until: number } | null = null;
  #sessions: UiSession[];

  constructor(needs: UiTokensNeeds) {
    this.#needs = needs;
    this.#sessions = needs.sessions.slice(-MAX_SESSIONS);
  }

  /** A new token; the one before it stops working. */
  offer(): { token: string; expiresAt: Date } {
    const token = secret();
    const until = this.#needs.now() + TOKEN_LIMIT_MS;
    this.#offered = { hash: hashOf(token), until };
    return { token, expiresAt: new Date(until) };
  }

  /** The session for a token, once; null when it is wrong, used or late. */
  exchange(token: string): string | null {
    const offered = this.#offered;
    if (offered === null || this.#needs.now() > offered.until) return null;
    if (!isEqual(hashOf(token), offered.hash)) return null;
    this.#offered = null;
    const session = secret();
    const entry = { hash: hashOf(session), seenAtMs: this.#needs.now() };
    this.#keep([...this.#sessions.slice(1 - MAX_SESSIONS), entry]);
    return session;
  }

  admits(session: string): boolean {
    const now = this.#needs.now();
    const hash = hashOf(session);
    const known = this.#sessions.find((each) => isEqual(each.hash, hash));
    if (known === undefined || !isFresh(known, now)) return false;
    if (now - known.seenAtMs > SEEN_EVERY_MS)
      this.#keep(
        this.#sessions.map((each) => (each === known ? { ...each, seenAtMs: now } : each)),
      );
    return true;
  }

  #keep(sessions: readonly UiSession[]): void {
    const now = this.#needs.now();
    this.#sessions = sessions.filter((each) => isFresh(each, now));
    this.#needs.changed(this.#sessions);
  }
}

export function isFresh({ seenAtMs }: UiSession, now: number): boolean {
  return now - seenAtMs <= SESSION_LIMIT_MS;
}

function secret(): string {
  return randomBytes(32).toString('base64url');
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function isEqual(a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(a), Buffer.from(b));
}
