import type { SessionId } from '../../protocol/ids.ts';
import { ACK_EVERY_EVENTS, ACK_EVERY_MS } from '../../protocol/limits.ts';
import type { SessionEvent } from '../../protocol/session/events.ts';
import type { Cli } from '../cli.ts';
import { CliFailure } from '../failure.ts';
import { linkHost, type HostLink } from '../host/host-link.ts';
import { isLost, relink } from '../host/relink.ts';
import { EventSequence } from './event-sequence.ts';

/** Events in one answer; fewer after an answer was too large for a message. */
const PAGE_EVENTS = 500;
const SMALLER = 8;

interface Pages {
  events: number;
}

export interface Following {
  readonly sessionId: SessionId;
  readonly since: number;
  /** Go on after the newest stored event. */
  readonly follow: boolean;
  readonly signal: AbortSignal;
  /** Resolves when the event has been taken: what is not taken is not acknowledged. */
  event(event: SessionEvent): Promise<void>;
  /** The host is away, or back. */
  remark(text: string): void;
}

/**
 * Hands over every stored event after `since`, in order and once, across any number of host
 * restarts. Returns when `signal` aborts, or at the newest event when it is not to follow.
 */
export async function followSession(cli: Cli, given: Following): Promise<void> {
  const sequence = new EventSequence(given.since);
  const pages: Pages = { events: PAGE_EVENTS };
  let epoch: string | null = null;
  let link: HostLink | null = await linkHost(cli);
  while (!given.signal.aborted) {
    if (epoch !== null && link.hello.epoch !== epoch)
      throw new CliFailure(
        `The host's history was replaced (a restored backup). Watch again from the start: porchlight watch ${given.sessionId}`,
      );
    epoch = link.hello.epoch;
    try {
      await followOnce(link, sequence, given, pages);
      return;
    } catch (error) {
      if (!isLost(link, error)) throw error;
    } finally {
      link.close();
    }
    if (given.signal.aborted) return;
    link = await relink(cli, given);
    if (link === null) return;
  }
  link.close();
}

async function followOnce(
  link: HostLink,
  sequence: EventSequence,
  given: Following,
  pages: Pages,
): Promise<void> {
  const { client, hello } = link;
  const { sessionId, signal } = given;
  let wake = (): void => {};
  const stopListening = [
    client.notices.on((notice) => {
      if (notice.name !== 'session.events' || notice.params.sessionId !== sessionId) return;
      sequence.push(notice.params.events);
      wake();
    }),
    client.closed.on(() => wake()),
  ];
  const onAbort = (): void => wake();
  signal.addEventListener('abort', onAbort);
  const acknowledge = acknowledgements((seq) => client.acknowledge({ sessionId, seq }));
  try {
    await readStored(link, sequence, given, pages);
    if (!given.follow || signal.aborted) return;
    const followed = await client.call('session.follow', {
      sessionId,
      epoch: hello.epoch,
      cursor: sequence.cursor,
    });
    if (followed.state.lastSeq < sequence.cursor && sequence.cursor > given.since)
      throw new CliFailure(
        `The host has lost events of ${sessionId}: it had ${sequence.cursor}, and has ${followed.state.lastSeq}. Run porchlight doctor`,
      );
    sequence.heardOf(followed.state.lastSeq);
    if (followed.continues) sequence.push(followed.events);
    while (!signal.aborted && link.closedBecause() === null) {
      const event = sequence.take();
      if (event !== null) {
        await given.event(event);
        acknowledge.upTo(sequence.acknowledgeable);
      } else if (sequence.isBehind) {
        await readStored(link, sequence, given, pages);
        acknowledge.upTo(sequence.acknowledgeable);
      } else {
        acknowledge.upTo(sequence.acknowledgeable);
        await new Promise<void>((resolve) => {
          wake = resolve;
          // What happened while the last event was being taken woke nobody.
          if (signal.aborted || link.closedBecause() !== null) resolve();
        });
      }
    }
    if (!signal.aborted) throw new Error(`The connection closed: ${link.closedBecause()}`);
  } finally {
    acknowledge.stop();
    signal.removeEventListener('abort', onAbort);
    for (const stop of stopListening) stop();
  }
}

/** Fetches and hands over what is stored after the cursor. */
async function readStored(
  link: HostLink,
  sequence: EventSequence,
  given: Following,
  pages: Pages,
): Promise<void> {
  for (;;) {
    if (given.signal.aborted) return;
    const { events, more } = await readPage(link, given.sessionId, sequence.cursor, pages);
    const before = sequence.cursor;
    for (const event of events) {
      if (sequence.takeStored(event)) await given.event(event);
      if (given.signal.aborted) return;
    }
    if (sequence.cursor !== before) {
      if (more) continue;
      return;
    }
    if (more || sequence.isBehind)
      throw new CliFailure(
        `The host gives no event after ${before} of ${given.sessionId}, though there are more: run porchlight doctor`,
      );
    return;
  }
}

async function readPage(link: HostLink, sessionId: SessionId, after: number, pages: Pages) {
  try {
    return await link.client.call('session.events', { sessionId, after, limit: pages.events });
  } catch (error) {
    // A page over the limit of a message ends the connection; the next attempt asks for less.
    if (link.closedBecause() !== null)
      pages.events = Math.max(1, Math.floor(pages.events / SMALLER));
    throw error;
  }
}

/** Every 64 events or 250 ms, whichever comes first. */
function acknowledgements(send: (seq: number) => void): { upTo(seq: number): void; stop(): void } {
  let told = 0;
  let taken = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tell = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (taken > told) send(taken);
    told = taken;
  };
  return {
    upTo(seq) {
      if (seq <= taken) return;
      taken = seq;
      if (taken - told >= ACK_EVERY_EVENTS) tell();
      else timer ??= setTimeout(tell, ACK_EVERY_MS);
    },
    stop: () => clearTimeout(timer),
  };
}
