import {
  MAX_NOTES,
  type ChannelId,
  type DeviceId,
  type HostControl,
  type Note,
  type RelayMessage,
} from '../../protocol/relay.ts';
import type { Bucket } from '../bucket.ts';
import type { Clock } from '../clock.ts';
import type { NoteCounts } from './note-counts.ts';
import type { Due } from './note-sender.ts';
import type { HostNoteDesk, Revoked } from './note-desk.ts';
import type { NoteStore } from './note-store.ts';
import { keptNoteSchema, readRecord, type Absence, type Fired, type KeptNote } from './records.ts';

/** Shorter than that a push service may keep a note, and still it is tried anew for so long. */
const MIN_TRYING_MS = 60_000;
/** How long it is remembered for a host that it was sent. */
const TELL_FOR_MS = 7 * 86_400_000;
/** Channel, device, numbers: what a note weighs besides its text. */
const OVERHEAD_BYTES = 300;

export interface Silences {
  readonly minSec: number;
  readonly maxSec: number;
}

export interface HostNotesWorld {
  readonly store: NoteStore;
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  wallMs(): number;
  readonly counts: NoteCounts;
  readonly silences: Silences;
  /** In words why there is no room for so many bytes more; null: there is. */
  room(bytes: number, isFirstOfHost: boolean): string | null;
  /** So many bytes more are kept, or fewer. */
  weigh(bytes: number): void;
  send(due: Due): void;
  /** As `store.durable`, told to the log instead of thrown. */
  durable(): Promise<void>;
  readonly fence: Fence;
}

/** Whether this process may still send what is due: of several that keep notes one may, see `note-lease.ts`. */
export interface Fence {
  /** False for ever once it was. */
  holds(): boolean;
  /** Asked last, after what is about to be done is durable. */
  confirm(): Promise<boolean>;
}

interface Armed {
  /** As it is kept. Parsed again when it is due, which few notes ever are. */
  readonly text: string;
  readonly epoch: number;
  readonly afterMs: number;
  /** By the relay's clock. */
  readonly goodUntilMs: number;
  sendingSinceMs: number | null;
  /** What the last try was answered. */
  status: number | null;
  /** The one that sends it, or waits to. */
  job: object | null;
  /** A try is on its way; what came of it is not known. */
  isPosting: boolean;
}

const UNSENT = { sendingSinceMs: null, status: null, job: null, isPosting: false };

/** The notes that one host has left, and whether it is heard of. */
export class HostNotes implements HostNoteDesk {
  readonly #world: HostNotesWorld;
  readonly #channel: ChannelId;
  readonly #payer: Bucket;
  readonly #armed = new Map<DeviceId, Armed>();
  readonly #fired = new Map<DeviceId, Fired>();
  /** Set while the host is here. */
  #tell: ((message: RelayMessage) => void) | null = null;
  #isAsleep = false;
  /** By the relay's clock; null: it is here, or asleep. */
  #silentSinceMs: number | null = null;
  /** Whether the store has a word of that. */
  #isAbsenceKept = false;

  constructor(world: HostNotesWorld, channel: ChannelId, payer: Bucket) {
    this.#world = world;
    this.#channel = channel;
    this.#payer = payer;
  }

  get silences(): Silences {
    return this.#world.silences;
  }

  get count(): number {
    return this.#armed.size;
  }

  /** Nothing is to be remembered of it. */
  get isIdle(): boolean {
    const { clock } = this.#world;
    return this.#tell === null && !this.#holdsSomething && this.#payer.isFull(clock.nowMs());
  }

  get #holdsSomething(): boolean {
    return this.#armed.size > 0 || this.#fired.size > 0;
  }

  // ── the host ──

  /** It was admitted. Its silence is over; what it left stays until it says otherwise. */
  came(tell: (message: RelayMessage) => void, revoked: Revoked): void {
    this.#tell = tell;
    this.#silentSinceMs = null;
    this.#isAsleep = false;
    this.#keepAbsence(null);
    this.revoke(revoked);
    for (const [device, armed] of this.#armed) {
      const { sendingSinceMs, status, isPosting } = armed;
      // What comes of the one on its way is told when it is known.
      if (isPosting) continue;
      armed.job = null;
      if (sendingSinceMs === null) continue;
      this.#disarm(device);
      this.#remember(device, sendingSinceMs, status);
    }
    this.#tellFired([...this.#fired.keys()]);
  }

  /** Its line is gone, since so long. */
  went(agoMs = 0): void {
    this.#tell = null;
    if (this.#armed.size === 0) return;
    const { clock, wallMs } = this.#world;
    if (!this.#isAsleep) this.#silentSinceMs = clock.nowMs() - agoMs;
    this.#keepAbsence({ v: 1, sinceMs: wallMs() - agoMs, isAsleep: this.#isAsleep });
  }

  /** It said that it is about to sleep: that silence is none. */
  slept(): void {
    this.#isAsleep = true;
    this.#silentSinceMs = null;
    if (this.#armed.size > 0)
      this.#keepAbsence({ v: 1, sinceMs: this.#world.wallMs(), isAsleep: true });
  }

  leave(notes: readonly Note[], epoch: number, revoked: Revoked): void {
    const { counts } = this.#world;
    const refused: { readonly device: DeviceId; readonly why: string }[] = [];
    for (const note of notes) {
      const why = revoked.holdsFor(note.device, epoch) ? REVOKED : this.#arm(note, epoch);
      if (why === null) counts.left += 1;
      else refused.push({ device: note.device, why });
    }
    const [first] = refused;
    if (first === undefined) return;
    counts.notKept += refused.length;
    const devices = refused.map(({ device }) => device);
    this.#tell?.({ type: 'notesRefused', devices, message: first.why });
  }

  drop(devices: readonly DeviceId[] = [...this.#armed.keys()]): void {
    for (const device of devices) this.#disarm(device);
  }

  heard(fired: Extract<HostControl, { type: 'notesHeard' }>['fired']): void {
    for (const { device, at } of fired)
      if (this.#fired.get(device)?.at === at) this.#forget(device);
  }

  revoke(revoked: Revoked): void {
    for (const [device, { epoch }] of this.#armed)
      if (revoked.holdsFor(device, epoch)) this.#disarm(device);
    for (const device of this.#fired.keys())
      if (revoked.holdsFor(device, Number.POSITIVE_INFINITY)) this.#forget(device);
  }

  // ── time ──

  /** Sends what is due. Nothing is before `notBeforeMs`. */
  look(nowMs: number, notBeforeMs: number): void {
    const sinceMs = this.#silentSinceMs;
    if (sinceMs === null || nowMs < notBeforeMs) return;
    for (const [device, armed] of this.#armed) {
      if (armed.job !== null || armed.goodUntilMs <= nowMs) continue;
      // One whose sending was begun by a relay that was killed over it was due then.
      if (armed.sendingSinceMs !== null || sinceMs + armed.afterMs <= nowMs)
        this.#send(device, armed, nowMs);
    }
  }

  /** Forgets what nobody wants any more. */
  sweep(nowMs: number): void {
    const { counts, wallMs } = this.#world;
    for (const [device, armed] of this.#armed) {
      if (armed.job !== null || armed.goodUntilMs > nowMs) continue;
      counts.expired += 1;
      this.#disarm(device);
    }
    for (const [device, { at }] of this.#fired)
      if (wallMs() - Date.parse(at) > TELL_FOR_MS) this.#forget(device);
    if (this.#armed.size === 0) this.#keepAbsence(null);
  }

  // ── from the store ──

  restoreNote(device: DeviceId, text: string, kept: KeptNote): void {
    this.#world.weigh(text.length + OVERHEAD_BYTES);
    const { note, epoch, goodUntilMs, sendingSinceMs } = kept;
    const { clock, wallMs } = this.#world;
    // A clock that was set meanwhile makes nothing good for longer than it was.
    const leftMs = Math.min(goodUntilMs - wallMs(), note.goodForSec * 1_000);
    this.#armed.set(device, {
      ...{ ...UNSENT, text, epoch, sendingSinceMs },
      afterMs: note.afterSec * 1_000,
      goodUntilMs: clock.nowMs() + leftMs,
    });
    this.#silentSinceMs = clock.nowMs();
  }

  restoreFired(device: DeviceId, fired: Fired): void {
    this.#fired.set(device, fired);
  }

  /** After its notes. Without it the host was here until the relay ended. */
  restoreAbsence({ sinceMs, isAsleep }: Absence): void {
    const { clock, wallMs } = this.#world;
    this.#isAbsenceKept = true;
    this.#isAsleep = isAsleep;
    this.#silentSinceMs = isAsleep ? null : clock.nowMs() - Math.max(0, wallMs() - sinceMs);
  }

  // ── inner ──

  #arm(note: Note, epoch: number): string | null {
    const { silences, clock, wallMs, store } = this.#world;
    const { device, afterSec, goodForSec } = note;
    if (afterSec < silences.minSec || afterSec > silences.maxSec)
      return `This relay keeps notes for silences of ${silences.minSec} to ${silences.maxSec} s, not of ${afterSec} s.`;
    if (!this.#armed.has(device) && this.#armed.size >= MAX_NOTES)
      return `This relay keeps ${MAX_NOTES} notes of one host, and these are there.`;
    const goodUntilMs = wallMs() + goodForSec * 1_000;
    const kept: KeptNote = { v: 1, note, epoch, goodUntilMs, sendingSinceMs: null };
    const text = JSON.stringify(kept);
    const before = this.#armed.get(device);
    const bytes = text.length - (before === undefined ? -OVERHEAD_BYTES : before.text.length);
    const why = this.#world.room(bytes, !this.#holdsSomething);
    if (why !== null) return why;
    this.#world.weigh(bytes);
    // One on its way that it takes the place of may have arrived, whatever becomes of this relay.
    if (before?.isPosting === true && before.sendingSinceMs !== null)
      this.#remember(device, before.sendingSinceMs, null);
    this.#armed.set(device, {
      ...{ ...UNSENT, text, epoch },
      afterMs: afterSec * 1_000,
      goodUntilMs: clock.nowMs() + goodForSec * 1_000,
    });
    store.put(this.#noteKey(device), text);
    return null;
  }

  #disarm(device: DeviceId): void {
    const armed = this.#armed.get(device);
    if (armed === undefined) return;
    this.#armed.delete(device);
    this.#world.weigh(-armed.text.length - OVERHEAD_BYTES);
    this.#world.store.put(this.#noteKey(device), null);
  }

  #send(device: DeviceId, armed: Armed, nowMs: number): void {
    const kept = readRecord(keptNoteSchema, armed.text);
    if (kept === null) return this.#disarm(device);
    const { note } = kept;
    const { store, wallMs, durable, send, fence } = this.#world;
    const job = {};
    armed.job = job;
    let isOurs = true;
    const isThere = (): boolean => this.#armed.get(device) === armed;
    send({
      note,
      payer: this.#payer,
      untilMs: Math.min(armed.goodUntilMs, nowMs + Math.max(note.ttlSec * 1_000, MIN_TRYING_MS)),
      isWanted: () =>
        isThere() && armed.job === job && this.#tell === null && isOurs && fence.holds(),
      begins: async () => {
        armed.isPosting = true;
        if (armed.sendingSinceMs === null) {
          armed.sendingSinceMs = wallMs();
          const begun: KeptNote = { ...kept, sendingSinceMs: armed.sendingSinceMs };
          store.put(this.#noteKey(device), JSON.stringify(begun));
        }
        await durable();
        isOurs = await fence.confirm();
      },
      failed: (status) => {
        armed.isPosting = false;
        armed.status = status;
      },
      unsent: () => {
        if (armed.job !== job) return;
        Object.assign(armed, UNSENT, { sendingSinceMs: kept.sendingSinceMs });
        if (isThere()) store.put(this.#noteKey(device), armed.text);
      },
      over: (status) => {
        // The host came back in a pause between two tries, and has heard of it.
        if (!armed.isPosting) return;
        armed.isPosting = false;
        if (isThere()) this.#disarm(device);
        this.#remember(device, armed.sendingSinceMs ?? wallMs(), status);
        void durable();
        this.#tellFired([device]);
      },
    });
  }

  /** Keeps what became of it until the host has heard of it. */
  #remember(device: DeviceId, sinceMs: number, status: number | null): void {
    const fired: Fired = { v: 1, at: new Date(sinceMs).toISOString(), status };
    this.#fired.delete(device);
    this.#fired.set(device, fired);
    this.#world.store.put(this.#firedKey(device), JSON.stringify(fired));
    const [oldest] = this.#fired.keys();
    if (oldest !== undefined && this.#fired.size > MAX_NOTES) this.#forget(oldest);
  }

  #forget(device: DeviceId): void {
    if (this.#fired.delete(device)) this.#world.store.put(this.#firedKey(device), null);
  }

  #tellFired(devices: readonly DeviceId[]): void {
    if (this.#tell === null) return;
    const fired = devices.flatMap((device) => {
      const { at, status } = this.#fired.get(device) ?? {};
      return at === undefined || status === undefined ? [] : [{ device, at, status }];
    });
    if (fired.length > 0) this.#tell({ type: 'notesFired', fired });
  }

  #keepAbsence(absence: Absence | null): void {
    if (absence === null && !this.#isAbsenceKept) return;
    this.#isAbsenceKept = absence !== null;
    const text = absence === null ? null : JSON.stringify(absence);
    this.#world.store.put(`host.${this.#channel}`, text);
  }

  #noteKey(device: DeviceId): string {
    return `note.${this.#channel}.${device}`;
  }

  #firedKey(device: DeviceId): string {
    return `fired.${this.#channel}.${device}`;
  }
}

const REVOKED = 'The pairing of this device is ended.';
