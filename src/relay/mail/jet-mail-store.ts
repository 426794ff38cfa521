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

interface Box {
  count: number;
  bytes: number;
}

interface Kept extends Box {
  readonly names: ReadonlySet<string>;
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
  /** On its way to the stream, by channel: not counted there yet. */
  readonly #underWay = new Map<ChannelId, Box>();
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
    const { jet } = this.#needs;
    const leftMs = jet.limit(LEAVE_LIMIT_MS);
    try {
      const kept = await jet.try(this.#plan, LEAVE_LIMIT_MS, async (api) => {
        return await this.#list(api, channel);
      });
      if (kept.names.has(nameOf(mail))) return;
      await this.#holding(channel, mail, kept, async () => {
        await jet.try(this.#plan, leftMs(), async ({ client }) => {
          await client.publish(subjectOf(this.#prefix, channel, mail), mailBytes(mail), {
            msgID: `${channel}.${mail.device}.${mail.id}`,
          });
        });
      });
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

  /** With what else is on its way to this box counted, so that many at once are not more than it holds. */
  async #holding(
    channel: ChannelId,
    { sealed }: Mail,
    kept: Kept,
    act: () => Promise<void>,
  ): Promise<void> {
    const { maxCount, maxTotalBytes } = this.limits;
    const box = this.#underWay.get(channel) ?? { count: 0, bytes: 0 };
    const isFullNow =
      kept.count + box.count + 1 > maxCount ||
      kept.bytes + box.bytes + sealed.length > maxTotalBytes;
    if (isFullNow) throw new MailRefused('full', 'The mailbox of this host is full.');
    if (kept.allBytes + sealed.length > this.#maxAllBytes)
      throw new MailRefused('full', 'This relay keeps no more mail now.');
    this.#underWay.set(channel, box);
    box.count += 1;
    box.bytes += sealed.length;
    try {
      await act();
    } finally {
      box.count -= 1;
      box.bytes -= sealed.length;
      if (box.count === 0) this.#underWay.delete(channel);
    }
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
