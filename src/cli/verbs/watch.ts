import type { SessionId } from '../../protocol/ids.ts';
import type { SessionEvent } from '../../protocol/session/events.ts';
import type { Cli } from '../cli.ts';
import { ask } from '../host/host-link.ts';
import { sessionIdOf } from '../ids.ts';
import { jsonLine } from '../output/text.ts';
import { EventText } from '../watch/event-text.ts';
import { followSession } from '../watch/follow-session.ts';
import { unlessLeaving } from '../watch/unless-leaving.ts';

/** `porchlight watch ID`. Leaving it, by Ctrl-C or because the reader left, is no failure. */
export async function watchSession(
  cli: Cli,
  given: string,
  options: { since?: number; follow?: boolean },
): Promise<void> {
  const sessionId = await sessionIdOf(cli, given);
  const leaving = new AbortController();
  const stopListening = cli.onSignal(() => leaving.abort());
  cli.out.onGone(() => leaving.abort());
  const text = new EventText(cli.nowMs);
  const { since = 0 } = options;
  const print = cli.json
    ? async (event: SessionEvent) => await cli.out.line(jsonLine(ordered(event)))
    : async (event: SessionEvent) => {
        const words = text.of(event);
        if (words !== '') await cli.out.write(words);
      };
  try {
    if (since > 0 && !cli.json) await recall(cli, sessionId, since, text);
    await followSession(cli, {
      sessionId,
      since,
      follow: options.follow !== false,
      signal: leaving.signal,
      event: async (event) => await unlessLeaving(print(event), leaving.signal),
      remark: (words) => cli.out.remark(words),
    });
  } finally {
    stopListening();
    if (!cli.json) void cli.out.write(text.close());
  }
}

/** What is printed later may be about a call that was named before: its name, not its id, is told. */
const RECALLED_EVENTS = 500;

async function recall(
  cli: Cli,
  sessionId: SessionId,
  since: number,
  text: EventText,
): Promise<void> {
  const { events } = await ask(cli, 'session.events', {
    sessionId,
    before: since + 1,
    limit: RECALLED_EVENTS,
  });
  for (const event of events) text.of(event);
  text.close();
}

function ordered(event: SessionEvent): object {
  const { seq, at, type, ...rest } = event;
  return { seq, at, type, ...rest };
}
