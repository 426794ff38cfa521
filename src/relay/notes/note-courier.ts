import { randomBytes } from 'node:crypto';
import { assertNever } from '../../base/assert-never.ts';
import type { ChannelId, RelayMessage } from '../../protocol/relay.ts';
import type { Clock } from '../clock.ts';
import type { NodeId } from '../cluster/peers.ts';
import type { Courier, ForwardedHost } from './forwarded-host.ts';
import {
  isOfNotes,
  MAX_TELLING_CHARS,
  type Answer,
  type Spoken,
  type Telling,
  type Word,
} from './note-words.ts';

/** The keeper counts a node's hosts as silent when it has not heard the node for longer, see `note-keeper.ts`. */
export const HEARTBEAT_MS = 3_000;
/** While some of it is not durable yet. */
const ASK_AGAIN_MS = 1_000;
const HURRY_MS = 50;
const ANSWER_LIMIT_MS = 2_000;
/** Of what no keeper has kept yet. Beyond it the host that has said the most of it loses its own words. */
const MAX_UNKEPT_CHARS = 32 * 1024 * 1024;

interface Entry {
  readonly channel: ChannelId;
  readonly word: Word;
  readonly chars: number;
  readonly atMs: number;
  /** Said only because the keeper does not know: another one is told anew. */
  readonly isStanding: boolean;
  /** The telling that has it; 0: none yet. */
  n: number;
}

export interface NoteCourierNeeds {
  readonly self: NodeId;
  readonly clock: Clock;
  /** null: nobody keeps notes now, or nobody answered in time. */
  ask(telling: Telling, limitMs: number): Promise<Answer | null>;
}

/**
 * Tells the keeping node what the hosts of this one say: one telling at a time, repeated until it is
 * answered. What is told stays here until the keeper says that it is durable, and is told again to the
 * next keeper where this one ended before.
 */
export class NoteCourier implements Courier {
  readonly #needs: NoteCourierNeeds;
  readonly #hosts = new Map<ChannelId, ForwardedHost>();
  /** In order: those that have been sent are first. */
  #entries: Entry[] = [];
  #chars = 0;
  #link = '';
  #n = 0;
  /** Sent, and not answered. */
  #isOpen = false;
  #isAsking = false;
  #isClosing = false;
  #isClosed = false;
  #callOff: () => void = () => {};
  #onEmpty: () => void = () => {};

  constructor(needs: NoteCourierNeeds) {
    this.#needs = needs;
    this.#begin();
    this.#later(0);
  }

  /** Words that are not kept yet. */
  get waiting(): number {
    return this.#entries.length;
  }

  came(host: ForwardedHost): void {
    this.#hosts.set(host.channel, host);
  }

  went(host: ForwardedHost): void {
    // Where it was replaced by another line the next one may be there already.
    if (this.#hosts.get(host.channel) === host) this.#hosts.delete(host.channel);
  }

  say(channel: ChannelId, word: Word): void {
    if (this.#isClosed) return;
    this.#entries.push(this.#entry(channel, word, false));
    while (this.#chars > MAX_UNKEPT_CHARS) if (!this.#giveUp()) break;
    // A telling that got no answer waits for its time.
    if (!this.#isOpen) this.#later(0);
  }

  /** What was said is told and kept first, as far as that can be in time. */
  async close(limitMs: number): Promise<void> {
    this.#isClosing = true;
    if (this.#entries.length > 0) {
      if (!this.#isOpen) this.#later(0);
      await new Promise<void>((resolve) => {
        this.#onEmpty = resolve;
        this.#needs.clock.after(limitMs, resolve);
      });
    }
    this.#isClosed = true;
    this.#callOff();
  }

  // ── telling ──

  #later(ms: number): void {
    if (this.#isClosed || this.#isAsking) return;
    this.#callOff();
    this.#callOff = this.#needs.clock.after(ms, () => void this.#tell());
  }

  async #tell(): Promise<void> {
    if (this.#isClosed || this.#isAsking) return;
    this.#isAsking = true;
    const answer = await this.#needs.ask(this.#telling(), ANSWER_LIMIT_MS).catch(() => null);
    this.#isAsking = false;
    if (answer === null) return this.#later(ASK_AGAIN_MS);
    if (answer.link !== this.#link) return this.#later(0);
    if (answer.kind === 'unknown') {
      this.#begin();
      return this.#later(0);
    }
    if (answer.n === this.#n) this.#answered(answer);
    const isMore = answer.more || this.#entries.some(({ n }) => n === 0);
    if (isMore) return this.#later(0);
    const isKept = this.#entries.length === 0;
    this.#later(isKept ? HEARTBEAT_MS : this.#isClosing ? HURRY_MS : ASK_AGAIN_MS);
  }

  #telling(): Telling {
    if (!this.#isOpen) this.#fill();
    const nowMs = this.#needs.clock.nowMs();
    const spoken = this.#entries
      .filter(({ n }) => n === this.#n)
      .map(({ channel, word, atMs }): Spoken => {
        return { channel, word, agoMs: Math.max(0, Math.round(nowMs - atMs)) };
      });
    return { v: 1, node: this.#needs.self, link: this.#link, n: this.#n, spoken };
  }

  #fill(): void {
    this.#n += 1;
    this.#isOpen = true;
    let chars = 0;
    for (const entry of this.#entries) {
      if (entry.n !== 0) continue;
      chars += entry.chars;
      if (chars > MAX_TELLING_CHARS && chars > entry.chars) return;
      entry.n = this.#n;
    }
  }

  #answered({ kept, tell }: Extract<Answer, { kind: 'heard' }>): void {
    this.#isOpen = false;
    this.#keep(this.#entries.filter(({ n }) => n === 0 || n > kept));
    for (const { channel, message } of tell)
      if (isOfNotes(message)) this.#hosts.get(channel)?.tell(message);
    if (this.#entries.length === 0) this.#onEmpty();
  }

  /** With a keeper that knows nothing of this node: who is here, then what was said and not kept. */
  #begin(): void {
    this.#link = randomBytes(12).toString('base64url');
    this.#n = 0;
    this.#isOpen = false;
    const said = this.#entries.filter(({ isStanding }) => !isStanding);
    for (const entry of said) entry.n = 0;
    const standing = [...this.#hosts.values()].flatMap((host) =>
      host.standing().map((word) => this.#entry(host.channel, word, true)),
    );
    this.#keep([...standing, ...said]);
  }

  #entry(channel: ChannelId, word: Word, isStanding: boolean): Entry {
    const chars = charsOf(word);
    this.#chars += chars;
    return { channel, word, chars, isStanding, atMs: this.#needs.clock.nowMs(), n: 0 };
  }

  #keep(entries: Entry[]): void {
    this.#entries = entries;
    this.#chars = entries.reduce((sum, { chars }) => sum + chars, 0);
  }

  /**
   * The words of the host with the most of them: what others said stays, however much that one says.
   * Who is here is told anew once there is a keeper; its notes the host leaves again. False: there are
   * none.
   */
  #giveUp(): boolean {
    const channel = this.#loudest();
    if (channel === null) return false;
    const given = this.#entries.filter((entry) => entry.channel === channel);
    this.#keep(this.#entries.filter((entry) => entry.channel !== channel));
    this.#begin();
    for (const { word } of given) {
      if (word.say !== 'leave') continue;
      const refused: RelayMessage = {
        type: 'notesRefused',
        devices: word.notes.map(({ device }) => device),
        message: NO_KEEPER,
      };
      this.#hosts.get(channel)?.tell(refused);
    }
    return true;
  }

  /** Of what was said; what only stands would be told anew. */
  #loudest(): ChannelId | null {
    const charsBy = new Map<ChannelId, number>();
    for (const { channel, chars, isStanding } of this.#entries)
      if (!isStanding) charsBy.set(channel, (charsBy.get(channel) ?? 0) + chars);
    const [first] = [...charsBy].toSorted(([, one], [, other]) => other - one);
    return first?.[0] ?? null;
  }
}

const NO_KEEPER = 'The part of this relay that keeps notes cannot be reached now.';

/** About, and not less than it is as JSON. */
function charsOf(word: Word): number {
  switch (word.say) {
    case 'leave':
      return word.notes.reduce(
        (sum, { body, endpoint, authorization }) =>
          sum + body.length + 2 * (endpoint.length + authorization.length) + 400,
        200,
      );
    case 'came':
    case 'revoke':
      return 200 + 30 * word.revoked.length;
    case 'drop':
      return 200 + 30 * (word.devices?.length ?? 0);
    case 'heard':
      return 200 + 100 * word.fired.length;
    case 'went':
    case 'slept':
      return 200;
    default:
      return assertNever(word, 'word');
  }
}
