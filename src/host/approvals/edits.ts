import { createHash } from 'node:crypto';
import { RpcFailure } from '../../protocol/errors.ts';
import { canonicalJson } from '../../base/canonical-json.ts';
import type { SessionId } from '../../protocol/ids.ts';
import type { AskedApproval } from '../agents/driver.ts';
import type { LogWriter } from '../event-log/event-log.ts';
import type { Store } from '../event-log/store.ts';

/** It travels in a prompt, and comes back as a call; well below the limits of both. */
const MAX_EDITED_BYTES = 1024 * 1024;

/** Calls that a person changed: asked for in words, since ACP carries no other input with an answer. */
export class Edits {
  readonly #store: Pick<Store, 'meta'>;

  constructor(store: Pick<Store, 'meta'>) {
    this.#store = store;
  }

  /** Throws in words when nobody could make that call. */
  check(edited: unknown): void {
    let text: string;
    try {
      text = canonicalJson(edited);
    } catch {
      throw new RpcFailure('refused', 'The changed call holds text that cannot be sent on.');
    }
    if (Buffer.byteLength(text) > MAX_EDITED_BYTES)
      throw new RpcFailure('refused', 'The changed call is larger than 1 MiB.');
  }

  /** From here on the session is expected to ask for it. */
  expect(tx: LogWriter, sessionId: SessionId, edited: unknown): void {
    tx.putMeta(keyOf(sessionId), hashOf(edited ?? null));
  }

  /** Said on the approval of exactly the call that was asked for; undefined for any other. */
  whyOf(tx: LogWriter, sessionId: SessionId, { call, why }: AskedApproval): string | undefined {
    const expected = this.#store.meta(keyOf(sessionId)) ?? '';
    if (expected === '' || hashOf(call.input ?? null) !== expected) return undefined;
    tx.putMeta(keyOf(sessionId), '');
    const said = 'This is exactly the call as you changed it.';
    return why === undefined ? said : `${said}\n${why}`;
  }
}

/** What the agent is told to do instead. */
export function editedText(title: string, edited: unknown, reason: string | undefined): string {
  const why = reason === undefined || reason.trim() === '' ? '' : ` ${reason.trim()}`;
  return [
    `I denied "${title}".${why} Make exactly this call instead, with this input and nothing else:`,
    '```json',
    JSON.stringify(edited, null, 2),
    '```',
  ].join('\n');
}

function keyOf(sessionId: SessionId): string {
  return `edited ${sessionId}`;
}

function hashOf(input: unknown): string {
  return createHash('sha256').update(canonicalJson(input), 'utf8').digest('hex');
}
