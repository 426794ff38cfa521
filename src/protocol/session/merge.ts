import type { SessionEvent } from './events.ts';

/** A merged text stays below this, so that one message of a feed stays small. */
const MAX_MERGED_CHARS = 64 * 1024;

type StreamedText = Extract<SessionEvent, { type: 'agent.text' | 'agent.thought' }>;

/**
 * Joins neighbouring pieces of one streamed text into one event that stands for `from`…`seq`, for
 * a surface that is behind. The fold of the result equals the fold of the given; everything that is
 * not streamed text (approvals, turns, tools …) passes as it is.
 */
export function merge(events: readonly SessionEvent[]): SessionEvent[] {
  const merged: SessionEvent[] = [];
  let run: StreamedText[] = [];
  let chars = 0;
  const endRun = (): void => {
    if (run.length > 0) merged.push(joined(run));
    run = [];
    chars = 0;
  };
  for (const event of events) {
    const last = run.at(-1);
    if (last !== undefined && !(continues(last, event) && chars < MAX_MERGED_CHARS)) endRun();
    if (isStreamedText(event)) {
      run.push(event);
      chars += event.text.length;
    } else merged.push(event);
  }
  endRun();
  return merged;
}

function isStreamedText(event: SessionEvent): event is StreamedText {
  return event.type === 'agent.text' || event.type === 'agent.thought';
}

function continues(last: StreamedText, event: SessionEvent): event is StreamedText {
  return (
    event.type === last.type &&
    event.messageId === last.messageId &&
    (event.from ?? event.seq) === last.seq + 1
  );
}

/** `at` is the newest piece's, as the fold has it. */
function joined(run: readonly StreamedText[]): SessionEvent {
  const [first] = run;
  const last = run.at(-1);
  if (first === undefined || last === undefined) throw new Error('A run of events is never empty.');
  if (run.length === 1) return first;
  return { ...last, text: run.map(({ text }) => text).join(''), from: first.from ?? first.seq };
}
