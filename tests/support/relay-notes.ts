import { randomBytes } from 'node:crypto';
import { silentLogger } from '../../src/base/log.ts';
import {
  noteSchema,
  relayMessageSchema,
  type ChannelId,
  type DeviceId,
  type Note,
  type RelayMessage,
} from '../../src/protocol/relay.ts';
import { NoteBook, type NoteLimits } from '../../src/relay/notes/note-book.ts';
import { Revocations } from '../../src/relay/revocations.ts';
import type { Post, Posted } from '../../src/relay/notes/note-sender.ts';
import { MemoryNoteStore } from '../fakes/memory-note-store.ts';
import { RelayClock } from './relay-clock.ts';

export const SECOND = 1_000;
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

export const channelId = (): ChannelId => randomBytes(16).toString('base64url') as ChannelId;
export const deviceId = (): DeviceId => randomBytes(16).toString('base64url') as DeviceId;

export function note(device: DeviceId = deviceId(), fields: Partial<Note> = {}): Note {
  return noteSchema.parse({
    device,
    endpoint: `https://push.example.org/${device}`,
    body: Buffer.from(`sealed for ${device}`).toString('base64url'),
    authorization: 'vapid t=a.b.c, k=d',
    topic: device,
    ttlSec: 3_600,
    afterSec: 300,
    goodForSec: 43_200,
    ...fields,
  });
}

export const answered = (status: number, retryAfterMs: number | null = null): Posted => ({
  kind: 'answered',
  ...{ status, retryAfterMs },
});

const LIMITS: NoteLimits = {
  silences: { minSec: 60, maxSec: 82_800 },
  graceMs: 90 * SECOND,
  maxBytes: 10_000_000,
  maxHosts: 1_000,
};

export function revocations(devices: readonly DeviceId[]): Revocations {
  const revoked = new Revocations();
  revoked.replace(devices, 0);
  return revoked;
}

const SETTLED_SEC = 100;

/** A relay's notes on a clock that tests turn, with hosts that come and go by a word. */
export class NotesStage {
  /** One whose grace of the beginning is over. */
  static async settled(): Promise<NotesStage> {
    const stage = new NotesStage();
    await stage.start();
    await stage.pass(SETTLED_SEC * SECOND);
    return stage;
  }

  /** Seconds since it was settled at which each was posted. */
  times(): number[] {
    return this.posts.map(({ atSec }) => atSec - SETTLED_SEC);
  }

  readonly clock = new RelayClock();
  wallMs = Date.parse('2026-11-21T14:00:00.000Z');
  store = new MemoryNoteStore();
  /** Whose turn it was to be posted, and when, in seconds from the beginning. */
  readonly posts: { readonly to: string; readonly atSec: number }[] = [];
  readonly requests: Parameters<Post>[0][] = [];
  readonly told: RelayMessage[] = [];
  answer: () => Promise<Posted> = async () => await Promise.resolve(answered(201));
  book: NoteBook | null = null;

  async start(limits: Partial<NoteLimits> = {}): Promise<NoteBook> {
    this.book = await NoteBook.open({
      store: this.store,
      clock: this.clock,
      wallMs: () => this.wallMs,
      random: () => 1,
      limits: { ...LIMITS, ...limits },
      log: silentLogger,
      post: async (request) => {
        this.requests.push(request);
        this.posts.push({
          to: request.url.slice('https://push.example.org/'.length),
          atSec: Math.round(this.clock.nowMs() / SECOND),
        });
        return await this.answer();
      },
    });
    // Whatever a relay does at its start is not what is looked at, unless a test says so.
    return this.book;
  }

  /** Killed, away for so long, and back. */
  async restart(awayMs = 0, limits: Partial<NoteLimits> = {}): Promise<NoteBook> {
    this.store = this.store.afterKill();
    this.clock.forget();
    this.clock.pass(awayMs);
    this.wallMs += awayMs;
    return await this.start(limits);
  }

  came(channel: ChannelId, revoked: readonly DeviceId[] = []): void {
    this.#host(channel).came(
      (message) => this.told.push(relayMessageSchema.parse(message)),
      revocations(revoked),
    );
  }

  left(channel: ChannelId, ...notes: readonly Note[]): void {
    this.#host(channel).leave(notes, 0, revocations([]));
  }

  host(channel: ChannelId) {
    return this.#host(channel);
  }

  /** Seconds pass one by one, with all that follows from each. */
  async pass(ms: number): Promise<void> {
    await settle();
    for (let leftMs = ms; leftMs > 0; leftMs -= SECOND) {
      const stepMs = Math.min(SECOND, leftMs);
      this.wallMs += stepMs;
      this.clock.pass(stepMs);
      await settle();
    }
  }

  #host(channel: ChannelId) {
    if (this.book === null) throw new Error('not started');
    return this.book.of(channel);
  }
}

async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
