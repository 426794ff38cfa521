import { assertNever } from '../../base/assert-never.ts';
import type { ChannelId, RelayMessage } from '../../protocol/relay.ts';
import type { Clock } from '../clock.ts';
import type { NodeId } from '../cluster/peers.ts';
import { Revocations } from '../revocations.ts';
import type { HostNotes } from './host-notes.ts';
import {
  MAX_TELLING_CHARS,
  type Answer,
  type Spoken,
  type Telling,
  type Told,
} from './note-words.ts';

/**
 * A node that was not heard for so long is dead, or cut off: its hosts are silent since it was last
 * heard. Nobody here can tell the two apart, and a machine that went down with its node is to be told
 * of. Hosts of a node that is only cut off are sent away by it after the same time, and come to another
 * one, long before any note is due; those that stay there, because their phone is there too, are out of
 * reach for everybody else.
 */
export const NODE_LOST_MS = 10_000;
const TICK_MS = 1_000;
/** Of one node; what was fired is told again when its host comes the next time. */
const MAX_TELLS = 10_000;

interface Roster {
  readonly link: string;
  n: number;
  kept: number;
  isKeeping: boolean;
  answer: Answer | null;
  heardMs: number;
  readonly hosts: Set<ChannelId>;
  tells: Told[];
}

interface Presence {
  /** Where it is; the one where it came last is last. More than one while it moves. */
  readonly nodes: Set<NodeId>;
  readonly revoked: Revocations;
}

export interface NoteKeeperNeeds {
  readonly book: { of(channel: ChannelId): HostNotes };
  readonly clock: Clock;
  /** As of a store. */
  durable(): Promise<void>;
}

/** What all nodes say of their hosts, as one book of notes hears it. */
export class NoteKeeper {
  readonly #needs: NoteKeeperNeeds;
  readonly #nodes = new Map<NodeId, Roster>();
  readonly #presences = new Map<ChannelId, Presence>();
  #stopTicking: () => void = () => {};

  constructor(needs: NoteKeeperNeeds) {
    this.#needs = needs;
    this.#tick();
  }

  answer(telling: Telling): Answer {
    const { node, link, n } = telling;
    let roster = this.#nodes.get(node);
    if (roster?.link !== link) {
      if (n !== 1) return { v: 1, kind: 'unknown', link };
      if (roster !== undefined) this.#lose(node, roster);
      roster = this.#begin(node, link);
    }
    roster.heardMs = this.#needs.clock.nowMs();
    if (n === roster.n && roster.answer !== null) return roster.answer;
    if (n !== roster.n + 1) return { v: 1, kind: 'unknown', link };
    roster.n = n;
    for (const spoken of telling.spoken) if (spoken !== null) this.#hear(node, roster, spoken);
    if (telling.spoken.length === 0 && roster.kept === n - 1) roster.kept = n;
    else void this.#keep(roster);
    roster.answer = this.#answerOf(roster);
    return roster.answer;
  }

  close(): void {
    this.#stopTicking();
    this.#nodes.clear();
  }

  #begin(node: NodeId, link: string): Roster {
    const roster: Roster = {
      ...{ link, n: 0, kept: 0, isKeeping: false, answer: null },
      ...{ heardMs: 0, hosts: new Set(), tells: [] },
    };
    this.#nodes.set(node, roster);
    return roster;
  }

  #answerOf(roster: Roster): Answer {
    const { link, n, kept, tells } = roster;
    let chars = 0;
    const found = tells.findIndex((told) => {
      chars += JSON.stringify(told).length;
      return chars > MAX_TELLING_CHARS;
    });
    const tell = found === -1 ? tells : tells.slice(0, Math.max(1, found));
    roster.tells = tells.slice(tell.length);
    return { v: 1, kind: 'heard', link, n, kept, tell, more: roster.tells.length > 0 };
  }

  /** What fails is tried again with the next telling. */
  async #keep(roster: Roster): Promise<void> {
    if (roster.isKeeping) return;
    roster.isKeeping = true;
    try {
      while (roster.kept < roster.n) {
        const { n } = roster;
        await this.#needs.durable();
        roster.kept = n;
      }
    } catch {
      // The store says so itself; the node tells it to the next keeper where need be.
    } finally {
      roster.isKeeping = false;
    }
  }

  // ── nodes ──

  #tick(): void {
    this.#stopTicking = this.#needs.clock.after(TICK_MS, () => {
      const nowMs = this.#needs.clock.nowMs();
      for (const [node, roster] of this.#nodes)
        if (nowMs - roster.heardMs > NODE_LOST_MS) this.#lose(node, roster);
      this.#tick();
    });
  }

  #lose(node: NodeId, roster: Roster): void {
    this.#nodes.delete(node);
    const agoMs = this.#needs.clock.nowMs() - roster.heardMs;
    for (const channel of roster.hosts) this.#went(channel, node, agoMs);
  }

  // ── hosts ──

  #hear(node: NodeId, roster: Roster, { channel, agoMs, word }: Spoken): void {
    const presence = this.#presences.get(channel);
    // It has moved on since: what it says where it is now holds.
    const isElsewhere = presence !== undefined && !presence.nodes.has(node);
    const host = this.#needs.book.of(channel);
    switch (word.say) {
      case 'came': {
        const { nodes, revoked } = this.#sit(channel, node, roster);
        // Again, or here and there while it moves: nobody who was revoked is any more.
        if (presence === undefined) revoked.replace(word.revoked, word.epoch);
        else revokeMore(revoked, word.revoked, word.epoch);
        nodes.delete(node);
        nodes.add(node);
        return host.came((message) => this.#tell(channel, message), revoked);
      }
      case 'went':
        roster.hosts.delete(channel);
        return this.#went(channel, node, agoMs);
      case 'slept':
        if (isElsewhere) return;
        this.#sit(channel, node, roster);
        return host.slept();
      case 'leave': {
        if (isElsewhere) return;
        const { revoked } = this.#sit(channel, node, roster);
        const notes = word.notes.flatMap((note) => {
          const goodForSec = note.goodForSec - Math.ceil(agoMs / 1_000);
          return goodForSec > 0 ? [{ ...note, goodForSec }] : [];
        });
        return host.leave(notes, word.epoch, revoked);
      }
      case 'drop':
        if (isElsewhere) return;
        return host.drop(word.devices ?? undefined);
      case 'heard':
        return host.heard(word.fired);
      case 'revoke': {
        const { revoked } = presence ?? this.#sit(channel, node, roster);
        revokeMore(revoked, word.revoked, word.epoch);
        return host.revoke(revoked);
      }
      default:
        return assertNever(word, 'word');
    }
  }

  /** Also where only a word of it is told that was said before it went: that it went comes next, or its node is lost. */
  #sit(channel: ChannelId, node: NodeId, roster: Roster): Presence {
    roster.hosts.add(channel);
    const known = this.#presences.get(channel);
    known?.nodes.add(node);
    if (known !== undefined) return known;
    const presence = { nodes: new Set([node]), revoked: new Revocations() };
    this.#presences.set(channel, presence);
    return presence;
  }

  #went(channel: ChannelId, node: NodeId, agoMs: number): void {
    const nodes = this.#presences.get(channel)?.nodes;
    nodes?.delete(node);
    if (nodes !== undefined && nodes.size > 0) return;
    this.#presences.delete(channel);
    this.#needs.book.of(channel).went(agoMs);
  }

  #tell(channel: ChannelId, message: RelayMessage): void {
    const node = [...(this.#presences.get(channel)?.nodes ?? [])].at(-1);
    const tells = node === undefined ? undefined : this.#nodes.get(node)?.tells;
    if (tells !== undefined && tells.length < MAX_TELLS) tells.push({ channel, message });
  }
}

function revokeMore(known: Revocations, ...word: Parameters<Revocations['add']>): void {
  const [revoked, epoch] = word;
  if (epoch < known.epoch) return;
  // As many as a host may name; the last it named are the ones that hold.
  if (!known.add(revoked, epoch)) known.replace(revoked, epoch);
}
