import { createHash } from 'node:crypto';
import { guardedPost } from '../../outbound/guarded-post.ts';
import type { AttentionKind, NotifyChannels } from '../../protocol/attention.ts';
import type { Notice, Outlet } from '../attention/notice.ts';
import { carriedOf, type Carried, type Carrier } from '../courier/carrier.ts';
import { CHANNEL_LIMIT_MS, type ChannelWire } from './channel-wire.ts';

/** ntfy's default for a message; longer ones become attachments. */
const MAX_MESSAGE_BYTES = 4_096;
/** https://docs.ntfy.sh/emojis/ */
const TAGS: Record<AttentionKind, string> = {
  decision: 'raised_hand',
  question: 'question',
  machine: 'warning',
  failed: 'x',
  parked: 'zzz',
  finished: 'white_check_mark',
};
const URGENT: ReadonlySet<AttentionKind> = new Set(['decision', 'question', 'machine', 'failed']);

/**
 * ntfy, published as JSON (https://docs.ntfy.sh/publish/#publish-as-json). The sequence id, from
 * ntfy 2.16 on, makes the same notice take its own place and lets it be deleted; an older server
 * shows each telling, and keeps it.
 */
export class NtfyCarrier implements Carrier {
  readonly outlet: Outlet = {
    ...{ place: 'ntfy', kind: 'ntfy', role: 'operator', kinds: null, activeAtMs: null },
  };
  readonly name: string;
  readonly #to: NonNullable<NotifyChannels['ntfy']>;
  readonly #wire: ChannelWire;

  constructor(to: NonNullable<NotifyChannels['ntfy']>, wire: ChannelWire) {
    this.#to = to;
    this.#wire = wire;
    this.name = new URL(to.url).host;
  }

  async show(notice: Notice, _badge: number, isShort: boolean): Promise<Carried> {
    const { topic, detail = false } = this.#to;
    const message = detail ? notice.body || notice.title : notice.bare;
    const page = this.#wire.page();
    const body = JSON.stringify({
      topic,
      title: detail ? notice.title : 'Porchlight',
      message: cutBytes(message, isShort ? 500 : MAX_MESSAGE_BYTES),
      priority: priorityOf(notice),
      tags: [TAGS[notice.kind]],
      ...(page !== null && { click: page }),
      sequence_id: sequenceOf(notice.id),
    });
    return await this.#send('POST', this.#to.url, body);
  }

  async withdraw(ids: readonly string[]): Promise<Carried> {
    const base = this.#to.url.replace(/\/+$/u, '');
    let carried: Carried = { kind: 'handed', status: null };
    for (const id of ids) {
      carried = await this.#send('DELETE', `${base}/${this.#to.topic}/${sequenceOf(id)}`, '');
      if (carried.kind === 'again') return carried;
    }
    // An older server knows no such way (404, 405): nothing can be done, and that is no failure.
    const isUnknown = carried.kind === 'never' && [404, 405].includes(carried.status ?? 0);
    return isUnknown ? { kind: 'handed', status: carried.status } : carried;
  }

  async #send(method: 'POST' | 'DELETE', url: string, body: string): Promise<Carried> {
    const { token } = this.#to;
    const post = this.#wire.post ?? guardedPost;
    const posted = await post({
      ...{ url, method, limitMs: CHANNEL_LIMIT_MS, allowHosts: this.#wire.allowHosts() },
      headers: {
        'Content-Type': 'application/json',
        ...(token !== undefined && { Authorization: `Bearer ${token}` }),
      },
      body: Buffer.from(body, 'utf8'),
    });
    return carriedOf(posted, this.name);
  }
}

/** 1 to 5: 4 makes a sound and pops up, 5 also vibrates long. */
function priorityOf({ kind, loud }: Notice): number {
  if (!URGENT.has(kind)) return loud ? 4 : 3;
  return loud ? 5 : 4;
}

/** The topic's readers see it; it says nothing about the session. */
function sequenceOf(id: string): string {
  return createHash('sha256').update(`ntfy ${id}`).digest('base64url').slice(0, 32);
}

function cutBytes(text: string, maxBytes: number): string {
  if (Buffer.byteLength(text) <= maxBytes) return text;
  const room = Buffer.from(text).subarray(0, maxBytes - 3);
  // A character cut in half decodes to the mark of replacement.
  return `${room.toString('utf8').replace(/\uFFFD+$/u, '')}…`;
}
