import { createHmac } from 'node:crypto';
import { guardedPost } from '../../outbound/guarded-post.ts';
import type { NotifyChannels } from '../../protocol/attention.ts';
import type { Notice, Outlet } from '../attention/notice.ts';
import { carriedOf, type Carried, type Carrier } from '../courier/carrier.ts';
import { CHANNEL_LIMIT_MS, type ChannelWire } from './channel-wire.ts';

/**
 * POSTs JSON, signed as the Standard Webhooks have it (https://www.standardwebhooks.com, v1):
 *
 *     webhook-id: msg_…            the same for every try of the same thing: do each once
 *     webhook-timestamp: 1767225600  of the try, seconds; refuse what is older than five minutes
 *     webhook-signature: v1,BASE64   HMAC-SHA256 over "<id>.<timestamp>.<body>"
 *
 * The key is the secret's UTF-8 bytes, or what follows `whsec_`, base64. Bodies:
 *
 *     {"type":"attention.needed","timestamp":"…","data":{"id","round","kind","text","at","loud","open","count"?,
 *       with detail also "title","body","sessionId"?,"approvalId"?}}
 *     {"type":"attention.over","timestamp":"…","data":{"ids":[…],"open"}}
 *
 * `open` is how many things ask for a person now. Any 2xx takes it. 410 and other refusals are final for that one; 408, 425, 429 (with Retry-After)
 * and 5xx are tried again.
 */
export class WebhookCarrier implements Carrier {
  readonly outlet: Outlet = {
    ...{ place: 'webhook', kind: 'webhook', role: 'operator', kinds: null, activeAtMs: null },
  };
  readonly name: string;
  readonly #to: NonNullable<NotifyChannels['webhook']>;
  readonly #wire: ChannelWire;

  constructor(to: NonNullable<NotifyChannels['webhook']>, wire: ChannelWire) {
    this.#to = to;
    this.#wire = wire;
    this.name = new URL(to.url).host;
  }

  async show(notice: Notice, badge: number): Promise<Carried> {
    const { id, round, kind, title, body, bare, at, sessionId, approvalId, loud, count } = notice;
    const { detail = false } = this.#to;
    return await this.#send(`show ${id} ${round}`, at, 'attention.needed', {
      ...{ id, round, kind, text: bare, at, loud, open: badge },
      ...(count !== undefined && { count }),
      ...(detail && { title, body }),
      ...(detail && sessionId !== undefined && { sessionId }),
      ...(detail && approvalId !== undefined && { approvalId }),
    });
  }

  async withdraw(ids: readonly string[], badge: number, sinceMs: number): Promise<Carried> {
    const at = new Date(sinceMs).toISOString();
    const what = `over ${[...ids].sort().join(' ')} ${sinceMs}`;
    return await this.#send(what, at, 'attention.over', { ids, open: badge });
  }

  /** `what` names the thing, so that each try has the same id. */
  async #send(what: string, at: string, type: string, data: object): Promise<Carried> {
    const { url, secret } = this.#to;
    const id = `msg_${createHmac('sha256', secret).update(what).digest('base64url').slice(0, 27)}`;
    const seconds = String(Math.floor(this.#wire.now().getTime() / 1_000));
    const body = JSON.stringify({ type, timestamp: at, data });
    const signature = createHmac('sha256', keyOf(secret)).update(`${id}.${seconds}.${body}`);
    const post = this.#wire.post ?? guardedPost;
    const posted = await post({
      ...{ url, limitMs: CHANNEL_LIMIT_MS, allowHosts: this.#wire.allowHosts() },
      headers: {
        'Content-Type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': seconds,
        'webhook-signature': `v1,${signature.digest('base64')}`,
      },
      body: Buffer.from(body, 'utf8'),
    });
    return carriedOf(posted, this.name);
  }
}

function keyOf(secret: string): Buffer {
  return secret.startsWith('whsec_')
    ? Buffer.from(secret.slice('whsec_'.length), 'base64')
    : Buffer.from(secret, 'utf8');
}
