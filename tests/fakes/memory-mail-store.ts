import {
  MailRefused,
  type Mail,
  type MailLimits,
  type MailStore,
} from '../../src/relay/mail/mail-store.ts';
import type { ChannelId } from '../../src/protocol/relay.ts';

const HOUR_MS = 3_600_000;

/** A mailbox that is lost with its process; what is done to it can be held up, or fail. */
export class MemoryMailStore implements MailStore {
  readonly limits: MailLimits;
  /** Awaited before anything is done; throws where the store is to fail. */
  before: (what: 'leave' | 'read' | 'taken') => void | Promise<void> = () => {};
  readonly #boxes = new Map<ChannelId, Map<string, Mail>>();
  readonly #nowMs: () => number;

  constructor(limits: Partial<MailLimits> = {}, nowMs: () => number = () => Date.now()) {
    this.limits = {
      ...{ maxBytes: 32 * 1024, maxAgeMs: 24 * HOUR_MS, maxCount: 200 },
      maxTotalBytes: 4 * 1024 * 1024,
      ...limits,
    };
    this.#nowMs = nowMs;
  }

  /** All that is kept, of all hosts. */
  get all(): readonly Mail[] {
    return [...this.#boxes.values()].flatMap((box) => [...box.values()]);
  }

  async leave(channel: ChannelId, mail: Mail): Promise<void> {
    await this.before('leave');
    const box = this.#boxOf(channel);
    const name = nameOf(mail);
    if (box.has(name)) return;
    const { maxBytes, maxCount, maxTotalBytes } = this.limits;
    const bytes = [...box.values()].reduce((sum, { sealed }) => sum + sealed.length, 0);
    if (mail.sealed.length > maxBytes) throw new MailRefused('tooBig', 'too big');
    if (box.size >= maxCount || bytes + mail.sealed.length > maxTotalBytes)
      throw new MailRefused('full', 'full');
    box.set(name, mail);
  }

  async read(channel: ChannelId, count: number): Promise<readonly Mail[]> {
    await this.before('read');
    return [...this.#boxOf(channel).values()].slice(0, count);
  }

  async taken(channel: ChannelId, mail: readonly Pick<Mail, 'device' | 'id'>[]): Promise<void> {
    await this.before('taken');
    for (const each of mail) this.#boxOf(channel).delete(nameOf(each));
  }

  async close(): Promise<void> {}

  #boxOf(channel: ChannelId): Map<string, Mail> {
    const box = this.#boxes.get(channel) ?? new Map<string, Mail>();
    this.#boxes.set(channel, box);
    for (const [name, { atMs }] of box)
      if (this.#nowMs() - atMs > this.limits.maxAgeMs) box.delete(name);
    return box;
  }
}

const nameOf = ({ device, id }: Pick<Mail, 'device' | 'id'>): string => `${device} ${id}`;
