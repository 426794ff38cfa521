import type { SessionId } from '../../protocol/ids.ts';
import { BY_HOST } from '../../protocol/session/reduce.ts';
import type { QueuedPrompt } from '../../protocol/session/state.ts';
import type { EventLog, LogWriter } from '../event-log/event-log.ts';

/** The turn has only just begun: its prompt is among the latest. */
const LATEST_EVENTS = 500;

/**
 * Puts back the prompt of a turn that its agent never had, ahead of what waits. Once: what fails
 * the same way again is for a person to look at.
 */
export function putBackUnheard(tx: LogWriter, log: EventLog, id: SessionId, turn: number): void {
  const [next] = tx.state(id)?.queue ?? [];
  // By policy it goes on already.
  if (next?.by === BY_HOST) return;
  const prompt = promptOf(log, id, turn);
  if (prompt !== null) tx.append(id, { type: 'prompt.queued', ...prompt, ahead: true });
}

function promptOf(log: EventLog, id: SessionId, turn: number): QueuedPrompt | null {
  const events = log.events(id, { newest: true, limit: LATEST_EVENTS });
  const begun = events.filter((event) => event.type === 'turn.started');
  const started = begun.find((event) => event.turn === turn);
  if (started === undefined) return null;
  const { commandId } = started;
  if (begun.filter((event) => event.commandId === commandId).length > 1) return null;
  const queued = events.findLast(
    (event) => event.type === 'prompt.queued' && event.commandId === commandId,
  );
  if (queued?.type !== 'prompt.queued') return null;
  return { commandId, prompt: queued.prompt, by: queued.by };
}
