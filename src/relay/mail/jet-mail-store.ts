import { MAX_MAIL_BYTES, type ChannelId } from '../../protocol/relay.ts';
import type { Jet, JetApi } from '../cluster/jet.ts';
import { JetAway } from '../cluster/jet.ts';
import type { StreamPlan } from '../cluster/jet-stream.ts';
import { isFull } from '../cluster/jet-words.ts';
import type { ClusterSettings } from '../cluster/settings.ts';
import {
  anySize,
  mailBytes,
  mailOf,
  mailSubjects,
  nameOf,
  readMail,
  readSubject,
  subjectOf,
  type MailName,
} from './mail-record.ts';
import { MailRefused, type Mail, type MailLimits, type MailStore } from './mail-store.ts';

/** Longer than an election takes; a device waits no longer than this for its answer. */
const LEAVE_LIMIT_MS = 12_000;
const READ_LIMIT_MS = 8_000;
/** How many that are broken or too old are passed over in one reading. */
const MAX_SKIPPED = 1_000;

interface Kept {
  readonly names: ReadonlySet<string>;
  readonly count: number;
  readonly bytes: number;
  /** Of all hosts, as they are stored. */
  readonly allBytes: number;
}

export interface JetMailNeeds {
  readonly jet: Jet;
  readonly settings: Pick<ClusterSettings, 'prefix' | 'mail'>;
  /** Milliseconds since 1970. */
  wallMs(): number;
}

/**
 * Mailboxes in one stream of JetStream. What is left is published under its id, so that trying again
 * keeps it once: within two minutes the server knows the id, and for as long as it is there its subject
 * tells. Of what several nodes leave in the same moment a host may have a little more than its share.
 */
export class JetMailStore implements MailStore {
  readonly limits: MailLimits;
  readonly #needs: JetMailNeeds;
  readonly #prefix: string;
  readonly #plan: StreamPlan;
  /** The last of what is being left, by channel; never rejects. */
  readonly #turns = new Map<ChannelId, Promise<void>>();
  readonly #maxAllBytes: number;

  constructor(needs: JetMailNeeds) {
    const { prefix, mail } = needs.settings;
    const maxAgeMs = mail.maxAgeSec * 1_000;
    this.#needs = needs;
    this.#prefix = prefix;
    this.#maxAllBytes = mail.maxAllBytes;
    this.#plan = {
      name: `${prefix}-mail`,
      subjects: [mailSubjects(prefix)],
      maxAgeMs,
      maxMessages: null,
    };
    this.limits = {
      maxBytes: MAX_MAIL_BYTES,
      maxAgeMs,
      maxCount: mail.maxCount,
      maxTotalBytes: mail.maxBytes,
    };
  }

  get plan(): StreamPlan {
    return this.#plan;
  }

  async leave(channel: ChannelId, mail: Mail): Promise<void> {
    if (mail.sealed.length > this.limits.maxBytes)
      throw new MailRefused('tooBig', `A mail has ${this.limits.maxBytes} bytes at most.`);
    const leftMs = this.#needs.jet.limit(LEAVE_LIMIT_MS);
    try {
      await this.#inTurn(channel, async () => await this.#leaveNow(channel, mail, leftMs()));
    } catch (error) {
      throw refusal(error);
    }
  }

  async read(channel: ChannelId, count: number): Promise<readonly Mail[]> {
    return await this.#needs.jet.try(this.#plan, READ_LIMIT_MS, async ({ manager }) => {
      const found: Mail[] = [];
      const filter = mailOf(this.#prefix, channel);
      let seq = 0;
      for (let skipped = 0; found.length < count && skipped < MAX_SKIPPED;) {
        // Of the leader: a copy may not know yet what was acknowledged.
        const query = { seq: seq + 1, next_by_subj: filter };
        const stored = await manager.streams.getMessage(this.#plan.name, query);
        if (stored === null) break;
        seq = stored.seq;
        const mail = readMail(stored.subject, stored.data);
        if (mail !== null && !this.#isOld(mail)) found.push(mail);
        else skipped += 1;
      }
      return found;
    });
  }

  async taken(channel: ChannelId, mail: readonly MailName[]): Promise<void> {
    await this.#needs.jet.try(this.#plan, READ_LIMIT_MS, async ({ manager }) => {
      const filters = mail.map((name) => anySize(this.#prefix, channel, name));
      await Promise.all(
        filters.map(async (filter) => await manager.streams.purge(this.#plan.name, { filter })),
      );
    });
  }

  /** The connection is its owner's. */
  async close(): Promise<void> {}

  async #list(api: JetApi, channel: ChannelId): Promise<Kept> {
    const filter = mailOf(this.#prefix, channel);
    const info = await api.manager.streams.info(this.#plan.name, { subjects_filter: filter });
    const names = new Set<string>();
    let bytes = 0;
    for (const subject of Object.keys(info.state.subjects ?? {})) {
      const known = readSubject(subject);
      if (known === null) continue;
      names.add(nameOf(known));
      bytes += known.bytes;
    }
    return { names, count: names.size, bytes, allBytes: info.state.bytes };
  }

  /** One after the other of each host, so that each counts what the one before it has left. */
  async #inTurn(channel: ChannelId, act: () => Promise<void>): Promise<void> {
    const turn = (this.#turns.get(channel) ?? Promise.resolve()).then(act);
    const over = turn.catch(() => {});
    this.#turns.set(channel, over);
    try {
      await turn;
    } finally {
      if (this.#turns.get(channel) === over) this.#turns.delete(channel);
    }
  }

  async #leaveNow(channel: ChannelId, mail: Mail, limitMs: number): Promise<void> {
    const { jet } = this.#needs;
    // Those before it have waited for as long as it would.
    if (limitMs <= 0) throw new JetAway('JetStream cannot be reached.');
    const leftMs = jet.limit(limitMs);
    const kept = await jet.try(this.#plan, limitMs, async (api) => await this.#list(api, channel));
    if (kept.names.has(nameOf(mail))) return;
    this.#checkRoom(kept, mail.sealed.length);
    await jet.try(this.#plan, leftMs(), async ({ client }) => {
      await client.publish(subjectOf(this.#prefix, channel, mail), mailBytes(mail), {
        msgID: `${channel}.${mail.device}.${mail.id}`,
      });
    });
  }

  #checkRoom({ count, bytes, allBytes }: Kept, more: number): void {
    const { maxCount, maxTotalBytes } = this.limits;
    if (count + 1 > maxCount || bytes + more > maxTotalBytes)
      throw new MailRefused('full', 'The mailbox of this host is full.');
    if (allBytes + more > this.#maxAllBytes)
      throw new MailRefused('full', 'This relay keeps no more mail now.');
  }

  #isOld({ atMs }: Mail): boolean {
    return this.#needs.wallMs() - atMs > this.limits.maxAgeMs;
  }
}

function refusal(error: unknown): unknown {
  if (error instanceof MailRefused) return error;
  if (isFull(error))
    return new MailRefused('full', 'The servers that keep mail have no room for more.');
  if (error instanceof JetAway) return new MailRefused('away', error.message);
  return error;
}
