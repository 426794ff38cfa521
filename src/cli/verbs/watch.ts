import type { SessionEvent } from '../../protocol/session/events.ts';
import type { Cli } from '../cli.ts';
import { sessionIdOf } from '../ids.ts';
import { jsonLine } from '../output/text.ts';
import { EventText } from '../watch/event-text.ts';
import { followSession } from '../watch/follow-session.ts';

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
  const print = cli.json
    ? async (event: SessionEvent) => await cli.out.line(jsonLine(ordered(event)))
    : async (event: SessionEvent) => {
        const words = text.of(event);
        if (words !== '') await cli.out.write(words);
      };
  try {
    await followSession(cli, {
      sessionId,
      since: options.since ?? 0,
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

/** A reader that has stopped reading must not hold up Ctrl-C. */
async function unlessLeaving(writing: Promise<void>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  let leave = (): void => {};
  const left = new Promise<void>((resolve) => (leave = resolve));
  signal.addEventListener('abort', leave, { once: true });
  await Promise.race([writing, left]);
  signal.removeEventListener('abort', leave);
}

function ordered(event: SessionEvent): object {
  const { seq, at, type, ...rest } = event;
  return { seq, at, type, ...rest };
}
