import type { SessionEvent } from '../../src/protocol/session/events.ts';
import type { Prompt } from './plan.ts';

/** What was asked of one session, by the id of the command that asked it. */
export type Asked = ReadonlyMap<string, Prompt>;

/**
 * What the history of one session, and what its commands left behind, say against the rules: numbers
 * without gaps, each command's effect once, each approval settled, each tool at most once, and once
 * where nobody ended it.
 */
export function violations(
  events: readonly SessionEvent[],
  asked: Asked,
  markers: ReadonlyMap<string, number>,
): string[] {
  return [
    ...numbering(events),
    ...prompts(events, asked),
    ...approvals(events),
    ...turns(events),
    ...tools(events, asked, markers),
  ];
}

function numbering(events: readonly SessionEvent[]): string[] {
  const wrong = events.findIndex((event, index) => event.seq !== index + 1);
  return wrong === -1 ? [] : [`event ${wrong + 1} has the number ${events[wrong]?.seq}`];
}

/**
 * Each beginning of a prompt takes it out of the queue, where it is once at most. It begins again
 * only when its turn was interrupted before the agent heard of it.
 */
function prompts(events: readonly SessionEvent[], asked: Asked): string[] {
  const wrong: string[] = [];
  const waiting = new Set<string>();
  const begun = new Set<string>();
  const known = new Set<string>();
  let outcome: string | null = null;
  for (const event of events) {
    if (event.type === 'prompt.queued') {
      const { commandId } = event;
      if (waiting.has(commandId)) wrong.push(`prompt ${commandId} waits twice`);
      if (begun.has(commandId) && outcome !== 'interrupted')
        wrong.push(`prompt ${commandId} waits again after its turn`);
      waiting.add(commandId);
      known.add(commandId);
    } else if (event.type === 'prompt.dropped') waiting.delete(event.commandId);
    else if (event.type === 'turn.started') {
      if (!waiting.delete(event.commandId)) wrong.push(`prompt ${event.commandId} began unasked`);
      begun.add(event.commandId);
    } else if (event.type === 'turn.ended') ({ outcome } = event);
    else if (event.type === 'session.ended') waiting.clear();
  }
  for (const id of asked.keys())
    if (!known.has(id)) wrong.push(`prompt ${id} was accepted and is not there`);
  if (waiting.size > 0) wrong.push(`${waiting.size} prompts still wait`);
  return wrong;
}

function approvals(events: readonly SessionEvent[]): string[] {
  const wrong: string[] = [];
  for (const event of events) {
    if (event.type !== 'approval.opened') continue;
    const { id } = event.approval;
    const count = (type: SessionEvent['type']): number =>
      events.filter((each) => each.type === type && 'approvalId' in each && each.approvalId === id)
        .length;
    const [decided, delivered, closed, finished] = [
      count('approval.decided'),
      count('approval.delivered'),
      count('approval.closed'),
      count('approval.finished'),
    ];
    if (decided + closed === 0) wrong.push(`approval ${id} is neither decided nor closed`);
    if (decided > 1 || delivered > 1 || closed > 1)
      wrong.push(
        `approval ${id}: ${decided} times decided, ${delivered} delivered, ${closed} closed`,
      );
    if (finished > 1 || finished > decided || (finished > 0 && closed > 0))
      wrong.push(
        `approval ${id}: ${decided} times decided, ${finished} finished, ${closed} closed`,
      );
    if (delivered > decided) wrong.push(`approval ${id} was delivered and not decided`);
  }
  return wrong;
}

function turns(events: readonly SessionEvent[]): string[] {
  const wrong: string[] = [];
  let open: number | null = null;
  let last = 0;
  for (const event of events) {
    if (event.type === 'turn.started') {
      if (open !== null) wrong.push(`turn ${event.turn} began within turn ${open}`);
      if (event.turn !== last + 1) wrong.push(`turn ${event.turn} came after turn ${last}`);
      open = event.turn;
      last = event.turn;
    } else if (event.type === 'turn.ended') {
      if (open !== event.turn) wrong.push(`turn ${event.turn} ended and was not open`);
      open = null;
    }
  }
  if (open !== null) wrong.push(`turn ${open} has not ended`);
  return wrong;
}

function tools(
  events: readonly SessionEvent[],
  asked: Asked,
  markers: ReadonlyMap<string, number>,
): string[] {
  const wrong: string[] = [];
  for (const [commandId, { marker, text }] of asked) {
    if (!text.startsWith('SCRIPT:shell') || !text.includes(marker)) continue;
    const ran = markers.get(marker) ?? 0;
    const { allowed, completed } = turnOf(events, commandId);
    if (ran > 1) wrong.push(`the command of ${marker} ran ${ran} times`);
    if (ran > 0 && !allowed) wrong.push(`the command of ${marker} ran and was not allowed`);
    if (ran === 0 && completed)
      wrong.push(`the command of ${marker} is said to have run and did not`);
  }
  return wrong;
}

/** Of all the turns that it has had: more than one when the first reached nobody. */
function turnOf(
  events: readonly SessionEvent[],
  commandId: string,
): { allowed: boolean; completed: boolean } {
  let current: string | null = null;
  const turn = events.filter((event) => {
    if (event.type === 'turn.started') current = event.commandId;
    return current === commandId;
  });
  return {
    allowed: turn.some((event) => event.type === 'approval.decided' && event.allowed),
    completed: turn.some((event) => event.type === 'tool.updated' && event.status === 'completed'),
  };
}
