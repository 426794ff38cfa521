import { Emitter } from '../../base/emitter.ts';
import { toBase64url } from '../../base/base64url.ts';
import type { HandshakePrimitives } from '../../crypto/primitives.ts';
import { mailIdSchema, type ChannelId, type MailId } from '../../protocol/relay.ts';
import type { Timers } from '../timers.ts';
import type { DeviceKeys, Mailbox, OutboxEntry } from './ports.ts';
import type { MailAnswer, RelayLine } from './relay-line.ts';

/** A host that connects anew, or that is at another node of the relay, is away for a moment only. */
export const AWAY_FOR_MS = 3_000;
/** The relay's own limit for its disks is shorter. */
const ANSWER_LIMIT_MS = 20_000;
const ID_BYTES = 16;

export interface RelayMailboxNeeds {
  readonly keys: Pick<DeviceKeys, 'grant' | 'hostKey' | 'sealing' | 'rootPsk'>;
  readonly channel: ChannelId;
  readonly primitives: HandshakePrimitives;
  readonly timers: Timers;
}

type Outcome = 'left' | 'tooBig' | 'later';

/** What the relay keeps for a host that is away: opens a while after it went, closes when it comes. */
export class RelayMailbox implements Mailbox {
  readonly changed = new Emitter<void>();
  readonly #needs: RelayMailboxNeeds;
  readonly #asked = new Map<MailId, (outcome: Outcome | null) => void>();
  #line: RelayLine | null = null;
  #keptMs: number | null = null;
  #isOpen = false;
  #cancel: () => void = () => {};

  constructor(needs: RelayMailboxNeeds) {
    this.#needs = needs;
  }

  get maxAgeMs(): number | null {
    return this.#isOpen ? this.#keptMs : null;
  }

  admitted(line: RelayLine, hostIsHere: boolean, maxAgeSec: number | null): void {
    this.#line = line;
    this.#keptMs = maxAgeSec === null ? null : maxAgeSec * 1_000;
    this.host(hostIsHere);
  }

  host(isHere: boolean): void {
    this.#cancel();
    if (isHere || this.#keptMs === null) return this.#set(false);
    this.#cancel = this.#needs.timers.after(AWAY_FOR_MS, () => this.#set(true));
  }

  answered(answer: MailAnswer): void {
    this.#asked.get(answer.id)?.(outcomeOf(answer));
  }

  /** The line is gone. */
  closed(): void {
    this.#cancel();
    this.#line = null;
    this.#keptMs = null;
    this.#set(false);
  }

  newId(): MailId {
    return mailIdSchema.parse(toBase64url(this.#needs.primitives.randomBytes(ID_BYTES)));
  }

  async leave(entry: OutboxEntry, id: MailId): Promise<Outcome> {
    const { keys, channel, primitives, timers } = this.#needs;
    // Whoever never leaves anything need not load it.
    const { sealMail } = await import('../sealed/mail.ts');
    const { commandId, method, params, madeAtMs } = entry;
    const psk = await keys.rootPsk();
    const sealed = await sealMail(
      { ...{ commandId, method, params, madeAtMs }, sealedAtMs: timers.nowMs() },
      { channel, device: keys.grant.device, id, epoch: keys.grant.epoch },
      { own: keys.sealing, remote: keys.hostKey, psk, primitives },
    );
    if (sealed === null) return 'tooBig';
    const line = this.#line;
    if (line === null || !this.#isOpen) return 'later';
    const outcome = await this.#answer(id, () =>
      line.say({ type: 'leaveMail', id, sealed: toBase64url(sealed) }),
    );
    if (outcome === null) throw new Error('The relay did not say what became of a mail.');
    return outcome;
  }

  async #answer(id: MailId, ask: () => void): Promise<Outcome | null> {
    return await new Promise((resolve) => {
      const end = (outcome: Outcome | null): void => {
        cancel();
        this.#asked.delete(id);
        resolve(outcome);
      };
      const cancel = this.#needs.timers.after(ANSWER_LIMIT_MS, () => end(null));
      this.#asked.set(id, end);
      ask();
    });
  }

  #set(isOpen: boolean): void {
    if (isOpen === this.#isOpen) return;
    this.#isOpen = isOpen;
    // The host is here, or the line is gone: nobody waits any longer for what the relay says.
    if (!isOpen) for (const answer of [...this.#asked.values()]) answer(null);
    this.changed.emit();
  }
}

/** Null: it may be kept all the same. */
function outcomeOf(answer: MailAnswer): Outcome | null {
  if (answer.type === 'mailLeft') return 'left';
  if (!answer.again) return 'tooBig';
  return answer.isSure === true ? 'later' : null;
}
