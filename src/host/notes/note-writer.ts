import { withDeadline } from '../../base/deadline.ts';
import type { Logger } from '../../base/log.ts';
import type { Timers } from '../../connection/timers.ts';
import type { SilenceNote } from '../../protocol/attention.ts';
import { MAX_NOTES, type DeviceId, type Note } from '../../protocol/relay.ts';
import {
  SILENCE_TAG,
  type NoteDevice,
  type NoteLink,
  type NoteSealer,
  type NoteWays,
} from './note-port.ts';
import type { Rounds } from './rounds.ts';
import { silenceNoteOf, type Standing } from './silence-note.ts';

/** What changes is written once, with what else changes in this time. */
const SOON_MS = 1_000;
const RENEW_MS = 60_000;
const STOP_LIMIT_MS = 1_500;
const KEYS_LIMIT_MS = 10_000;
/** A relay takes no message over 64 KiB. */
const MAX_MESSAGE_CHARS = 48_000;
/** The token of a sealed push is good for twelve hours. */
const GOOD_FOR_SEC = 42_600;
/** A longer silence than that would find the token worth nothing. */
const MAX_AFTER_SEC = 39_600;
/** How long a push service keeps the alarm for a device that is off. */
const TTL_SEC = 43_200;

export interface NoteWriterNeeds {
  readonly ways: NoteWays;
  /** Devices that are pushed to. */
  devices(): readonly NoteDevice[];
  /** Loaded at first need. */
  keys(): Promise<NoteKeys>;
  /** How many sessions are working, or wait to. */
  working(): number;
  silenceMinutes(): number;
  /** Things that ask for a person now. */
  badge(): number;
  hostName(): string;
  readonly rounds: Rounds;
  readonly timers: Timers;
  readonly logger: Logger;
}

export interface NoteKeys {
  readonly sealer: NoteSealer;
  /** As devices know this host. */
  readonly hostId: string;
}

interface Left {
  /** The connection over which it was left: another one begins anew. */
  readonly line: object;
  /** What was said, but for when. */
  readonly says: string;
  readonly devices: ReadonlySet<DeviceId>;
  readonly atMs: number;
  readonly refusal: string | null;
}

/**
 * Leaves a note for each device with its relay while sessions work, renews it, and takes it back.
 * `look` decides from all that is known; whatever changes calls it.
 */
export class NoteWriter {
  readonly #needs: NoteWriterNeeds;
  readonly #left = new Map<string, Left>();
  #keys: NoteKeys | null = null;
  #isLoading = false;
  #cancelSoon: (() => void) | null = null;
  /** null: none is due. */
  #cancelRenewal: (() => void) | null = null;
  #isClosed = false;

  constructor(needs: NoteWriterNeeds) {
    this.#needs = needs;
  }

  /** Something changed. */
  look(): void {
    if (this.#isClosed) return;
    // A relay that has just been connected may have notes that do not hold any more.
    if (this.#isNewLine()) return this.#write(false);
    this.#cancelSoon ??= this.#needs.timers.after(SOON_MS, () => {
      this.#cancelSoon = null;
      this.#write(false);
    });
  }

  /** A relay did not take the notes of these devices. */
  refused(target: string, devices: readonly DeviceId[], message: string): void {
    const left = this.#left.get(target);
    if (left === undefined) return;
    this.#needs.logger.warn({ problem: message }, 'a relay does not keep the notes of this host');
    const kept = [...left.devices].filter((device) => !devices.includes(device));
    this.#left.set(target, { ...left, devices: new Set(kept), refusal: message });
  }

  /** All notes are taken back, as far as relays can be reached; nothing is left any more. */
  async stop(): Promise<void> {
    this.close();
    const links = [...this.#needs.ways.links()]
      .filter(([target, { silences }]) => silences !== null && this.#left.has(target))
      .map(([, link]) => link);
    for (const link of links) link.say({ type: 'dropNotes' });
    await Promise.all(links.map(async (link) => await link.whenTaken(STOP_LIMIT_MS)));
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelSoon?.();
    this.#cancelRenewal?.();
  }

  state(): SilenceNote {
    const { ways, devices, silenceMinutes, working } = this.#needs;
    const links = ways.links();
    const standings = [...new Set(devices().map(({ relay }) => relay))].map((target): Standing => {
      const link = links.get(target);
      const left = this.#left.get(target);
      return {
        isOwn: target === 'own',
        relay: link?.relay ?? target,
        isUp: link?.state.kind === 'up',
        keeps: link?.silences != null,
        devices: left?.devices.size ?? 0,
        atMs: left?.atMs ?? null,
        refusal: left?.refusal ?? null,
      };
    });
    return silenceNoteOf({ standings, isOff: silenceMinutes() === 0, isIdle: working() === 0 });
  }

  #isNewLine(): boolean {
    for (const [target, { state, silences }] of this.#needs.ways.links())
      if (silences !== null && this.#left.get(target)?.line !== state) return true;
    return false;
  }

  #write(isRenewal: boolean): void {
    if (this.#isClosed) return;
    const { ways, timers, silenceMinutes, working, devices } = this.#needs;
    const isWanted = silenceMinutes() > 0 && working() > 0;
    const wanted = isWanted ? devices() : [];
    const links = ways.links();
    for (const target of this.#left.keys()) if (!links.has(target)) this.#left.delete(target);
    let isLeft = false;
    for (const [target, link] of links) {
      if (link.silences === null) {
        this.#left.delete(target);
        continue;
      }
      const here = wanted.filter(({ relay }) => relay === target).slice(0, MAX_NOTES);
      this.#writeTo(target, link, here, isRenewal);
      isLeft ||= here.length > 0;
    }
    if (!isLeft) {
      this.#cancelRenewal?.();
      this.#cancelRenewal = null;
      return;
    }
    this.#cancelRenewal ??= timers.after(RENEW_MS, () => {
      this.#cancelRenewal = null;
      this.#write(true);
    });
  }

  #writeTo(
    target: string,
    link: NoteLink,
    devices: readonly NoteDevice[],
    isRenewal: boolean,
  ): void {
    const { silenceMinutes, working, hostName, timers } = this.#needs;
    const left = this.#left.get(target);
    const isSameLine = left?.line === link.state;
    const says = JSON.stringify([devices, working(), silenceMinutes(), hostName()]);
    if (isSameLine && !isRenewal && left.says === says) return;
    // Loaded, it is looked at again; until then what an earlier host left there still holds.
    const keys = devices.length === 0 ? null : this.#keysOrLoad();
    if (devices.length > 0 && keys === null) return;
    const ids = new Set(devices.map(({ id }) => id));
    const gone = isSameLine ? [...left.devices].filter((id) => !ids.has(id)) : [];
    if (!isSameLine || (devices.length === 0 && left.devices.size > 0))
      link.say({ type: 'dropNotes' });
    else if (gone.length > 0) link.say({ type: 'dropNotes', devices: gone });
    const notes = devices.flatMap((device) => this.#sealed(device, link, keys));
    for (const some of inMessages(notes)) link.say({ type: 'notes', notes: some });
    this.#left.set(target, {
      ...{ line: link.state, says, atMs: timers.nowMs() },
      devices: new Set(notes.map(({ device }) => device)),
      refusal: null,
    });
  }

  #sealed(device: NoteDevice, { silences }: NoteLink, keys: NoteKeys | null): Note[] {
    if (keys === null || silences === null) return [];
    const { sealer, hostId } = keys;
    const { hostName, working, badge, rounds, timers, silenceMinutes, logger } = this.#needs;
    const wantedSec = Math.min(silenceMinutes() * 60, MAX_AFTER_SEC, silences.maxSec);
    try {
      const { url, headers, body } = sealer.seal(
        device.subscription,
        {
          ...{ v: 1, type: 'silence', tag: SILENCE_TAG, round: rounds.next() },
          ...{ host: hostId, hostName: hostName() },
          badge: Math.min(badge(), 9_999),
          writtenAt: new Date(timers.nowMs()).toISOString(),
          working: working(),
        },
        { ttlSec: TTL_SEC, urgency: 'high', topic: sealer.topicOf(SILENCE_TAG) },
      );
      return [
        {
          ...{ device: device.id, endpoint: url, authorization: headers.Authorization },
          body: body.toString('base64url'),
          topic: sealer.topicOf(SILENCE_TAG),
          ttlSec: TTL_SEC,
          afterSec: Math.max(wantedSec, silences.minSec),
          goodForSec: GOOD_FOR_SEC,
        },
      ];
    } catch (error) {
      // A subscription that cannot be sealed for is its own device's trouble.
      logger.warn({ err: error, device: device.id }, 'no note can be left for a device');
      return [];
    }
  }

  #keysOrLoad(): NoteKeys | null {
    if (this.#keys !== null || this.#isLoading) return this.#keys;
    this.#isLoading = true;
    withDeadline(this.#needs.keys(), KEYS_LIMIT_MS, 'Loading the keys for pushes')
      .then((keys) => {
        this.#keys = keys;
        this.#write(false);
      })
      .catch((error: unknown) =>
        this.#needs.logger.warn({ err: error }, 'no note can be left: nothing can be sealed'),
      )
      .finally(() => (this.#isLoading = false));
    return null;
  }
}

function* inMessages(notes: readonly Note[]): Generator<Note[]> {
  let some: Note[] = [];
  let chars = 0;
  for (const note of notes) {
    const weight = JSON.stringify(note).length;
    if (some.length > 0 && chars + weight > MAX_MESSAGE_CHARS) {
      yield some;
      some = [];
      chars = 0;
    }
    some.push(note);
    chars += weight;
  }
  if (some.length > 0) yield some;
}
