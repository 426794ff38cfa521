import { z } from 'zod';
import { ConnectionRefused } from '../../src/connection/refusals.ts';

/** What the page needs of the browser to get in; narrow so that tests can stand in for it. */
export interface TokenWorld {
  readonly storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
  fetch(path: string, init: RequestInit): Promise<Response>;
}

const ONE_TIME_KEY = 'porchlight.oneTimeToken';
const SESSION_KEY = 'porchlight.session';
const FRAGMENT = /^#token=([A-Za-z0-9_.~-]{8,512})$/;
const EXCHANGE_LIMIT_MS = 10_000;

const exchangedSchema = z.object({ session: z.string().regex(/^[A-Za-z0-9_.~-]{8,512}$/) });

/** Keeps the token of the link for this tab and says what the address should be without it. */
export function takeToken(hash: string, storage: Pick<Storage, 'setItem'>): { cleanHash: string } {
  const token = FRAGMENT.exec(hash)?.[1];
  if (token === undefined) return { cleanHash: hash };
  storage.setItem(ONE_TIME_KEY, token);
  return { cleanHash: '' };
}

/** The session that the one-time token buys, kept for this tab only. */
export async function sessionOf(world: TokenWorld): Promise<string> {
  const oneTime = world.storage.getItem(ONE_TIME_KEY);
  if (oneTime !== null) {
    const answer = await world.fetch('token', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: oneTime }),
      signal: AbortSignal.timeout(EXCHANGE_LIMIT_MS),
    });
    // The link works once: after any answer it is used up.
    world.storage.removeItem(ONE_TIME_KEY);
    if (answer.ok) {
      const { session } = exchangedSchema.parse(await answer.json());
      world.storage.setItem(SESSION_KEY, session);
      return session;
    }
  }
  const session = world.storage.getItem(SESSION_KEY);
  if (session === null) throw new ConnectionRefused('linkUsed');
  return session;
}

/** The host no longer knows this tab. */
export function forgetSession(storage: Pick<Storage, 'removeItem'>): void {
  storage.removeItem(SESSION_KEY);
}
