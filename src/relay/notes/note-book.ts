import type { Logger } from '../../base/log.ts';
import { MAX_NOTES, type ChannelId } from '../../protocol/relay.ts';
import { Bucket, type Rate } from '../bucket.ts';
import type { Clock } from '../clock.ts';
import { HostNotes, type Fence, type HostNotesWorld, type Silences } from './host-notes.ts';
import { NoteCounts } from './note-counts.ts';
import type { RelayNotes } from './note-desk.ts';
import { NoteSender, type Post } from './note-sender.ts';
import type { NoteStore } from './note-store.ts';
import { absenceSchema, firedSchema, keptNoteSchema, readKey, readRecord } from './records.ts';

const TICK_MS = 1_000;
const SWEEP_TICKS = 60;
/** A second that took so much longer: this process, or its machine, has stood still meanwhile. */
const STOOD_STILL_MS = 10_000;
/** Of one host, over and over: each of its devices every ten minutes. */
const HOST_RATE: Rate = { burst: MAX_NOTES, perSecond: MAX_NOTES / 600 };

export interface NoteLimits {
  readonly silences: Silences;
  /** How long hosts have to come back after this relay was away, before any note is due. */
  readonly graceMs: number;
  readonly maxBytes: number;
  readonly maxHosts: number;
}

export interface NoteBookNeeds {
  readonly store: NoteStore;
  readonly post: Post;
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  wallMs(): number;
  /** In [0, 1). */
  random(): number;
  readonly limits: NoteLimits;
  readonly log: Logger;
  /** Absent: nobody else keeps what is in the store. */
  readonly fence?: Fence;
  /** Absent: new ones. */
  readonly counts?: NoteCounts;
}

const ALONE: Fence = { holds: () => true, confirm: async () => await Promise.resolve(true) };

/**
 * The notes of all hosts, kept over the relay's own end. A host's silence is counted by a clock that
 * is never set, and only while this relay was there to hear: after it, or its machine, was away,
 * everybody has time to come back first.
 */
export class NoteBook implements RelayNotes {
  readonly counts: NoteCounts;
  readonly #needs: NoteBookNeeds;
  readonly #world: HostNotesWorld;
  readonly #hosts = new Map<ChannelId, HostNotes>();
  #bytes = 0;
  #notBeforeMs: number;
  #lastMs: number;
  #lastWallMs: number;
  #ticks = 0;
  #stopTicking: () => void = () => {};

  private constructor(needs: NoteBookNeeds) {
    this.#needs = needs;
    const { store, clock, limits, post, random, log } = needs;
    const counts = needs.counts ?? new NoteCounts();
    this.counts = counts;
    const sender = new NoteSender({ post, clock, random, counts, log });
    this.#world = {
      ...{ store, clock, counts },
      fence: needs.fence ?? ALONE,
      silences: limits.silences,
      wallMs: () => needs.wallMs(),
      room: (bytes, isFirst) => this.#room(bytes, isFirst),
      weigh: (bytes) => (this.#bytes += bytes),
      send: (due) => void sender.send(due),
      durable: async () => {
        try {
          await store.durable();
        } catch (error) {
          // An alarm that may come twice is better than none.
          this.storeFailed(error instanceof Error ? error.message : String(error));
        }
      },
    };
    this.#lastMs = clock.nowMs();
    this.#lastWallMs = needs.wallMs();
    this.#notBeforeMs = this.#lastMs + limits.graceMs;
  }

  /** With what the store has. Throws in words where that cannot be read. */
  static async open(needs: NoteBookNeeds): Promise<NoteBook> {
    const book = new NoteBook(needs);
    await book.#load();
    book.#tick();
    return book;
  }

  /** Of a host that is about to be admitted; the same object for as long as anything is known of it. */
  of(channel: ChannelId): HostNotes {
    const known = this.#hosts.get(channel);
    if (known !== undefined) return known;
    const payer = new Bucket(HOST_RATE, this.#needs.clock.nowMs());
    const host = new HostNotes(this.#world, channel, payer);
    this.#hosts.set(channel, host);
    return host;
  }

  figures(): { readonly notes: number; readonly bytes: number } {
    let notes = 0;
    for (const host of this.#hosts.values()) notes += host.count;
    return { notes, bytes: this.#bytes };
  }

  storeFailed(problem: string): void {
    this.counts.storeFailures += 1;
    this.#needs.log.error({ problem }, 'notes could not be kept on the disk');
  }

  async close(): Promise<void> {
    this.#stopTicking();
    try {
      await this.#needs.store.close();
    } catch (error) {
      this.storeFailed(error instanceof Error ? error.message : String(error));
    }
  }

  async #load(): Promise<void> {
    const { store, log } = this.#needs;
    const { kept, damaged } = await store.open();
    let unknown = 0;
    const absences: (() => void)[] = [];
    for (const [key, text] of kept) {
      const restore = this.#restore(key, text);
      if (restore === null) unknown += 1;
      else if (key.startsWith('host.')) absences.push(restore);
      else restore();
    }
    for (const restore of absences) restore();
    const { notes } = this.figures();
    // What a newer relay wrote stays for its return.
    log.info({ notes, damaged, unknown }, 'notes of hosts are kept');
  }

  #restore(key: string, text: string): (() => void) | null {
    const [kind, channel, device] = readKey(key) ?? [];
    if (kind === undefined || channel === undefined) return null;
    if (kind === 'host' || device === undefined) {
      const absence = readRecord(absenceSchema, text);
      return absence === null ? null : () => this.of(channel).restoreAbsence(absence);
    }
    if (kind === 'note') {
      const note = readRecord(keptNoteSchema, text);
      return note === null ? null : () => this.of(channel).restoreNote(device, text, note);
    }
    const fired = readRecord(firedSchema, text);
    return fired === null ? null : () => this.of(channel).restoreFired(device, fired);
  }

  #room(bytes: number, isFirst: boolean): string | null {
    const { maxBytes, maxHosts } = this.#needs.limits;
    if (bytes > 0 && this.#bytes + bytes > maxBytes)
      return 'This relay has no room for more notes now: try again later, or raise --notes-bytes there.';
    if (!isFirst) return null;
    let hosts = 0;
    for (const host of this.#hosts.values()) if (host.count > 0) hosts += 1;
    return hosts < maxHosts ? null : 'This relay keeps notes of as many hosts as it may.';
  }

  #tick(): void {
    this.#stopTicking = this.#needs.clock.after(TICK_MS, () => {
      this.#look();
      this.#tick();
    });
  }

  #look(): void {
    const { clock, wallMs, limits } = this.#needs;
    const nowMs = clock.nowMs();
    const wallNowMs = wallMs();
    const passedMs = nowMs - this.#lastMs;
    // The clock that is never set stands still while the machine sleeps: the other one does not.
    const apartMs = wallNowMs - this.#lastWallMs - passedMs;
    if (passedMs > STOOD_STILL_MS || apartMs > STOOD_STILL_MS)
      this.#notBeforeMs = nowMs + limits.graceMs;
    this.#lastMs = nowMs;
    this.#lastWallMs = wallNowMs;
    this.#ticks += 1;
    const isSweep = this.#ticks % SWEEP_TICKS === 0;
    for (const [channel, host] of this.#hosts) {
      host.look(nowMs, this.#notBeforeMs);
      if (!isSweep) continue;
      host.sweep(nowMs);
      if (host.isIdle) this.#hosts.delete(channel);
    }
  }
}
