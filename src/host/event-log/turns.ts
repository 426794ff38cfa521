import type { SessionEvent } from '../../protocol/session/events.ts';
import type { Turn } from '../../protocol/session/state.ts';

/** The turns that `turn.started` and `turn.ended` events tell of, oldest first. */
export function turnsOf(events: readonly SessionEvent[]): Turn[] {
  const turns: Turn[] = [];
  for (const event of events) {
    if (event.type === 'turn.started')
      turns.push({ turn: event.turn, startedAt: event.at, endedAt: null, outcome: null });
    const last = turns.at(-1);
    if (event.type === 'turn.ended' && last !== undefined)
      turns[turns.length - 1] = { ...last, endedAt: event.at, outcome: event.outcome };
  }
  return turns;
}
