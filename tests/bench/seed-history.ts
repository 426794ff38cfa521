import { silentLogger } from '../../src/base/log.ts';
import { EventLog, type LogWriter } from '../../src/host/event-log/event-log.ts';
import { openStore } from '../../src/host/event-log/sqlite-store.ts';
import {
  commandIdSchema,
  instanceIdSchema,
  sessionIdSchema,
  type SessionId,
} from '../../src/protocol/ids.ts';
import type { EventBody } from '../../src/protocol/session/events.ts';
import { v7 } from 'uuid';

const EVENTS_A_TURN = 100;
const TEXT = 'A few words, about as long as what a model says between two updates. '.repeat(2);

/** Writes idle sessions with `events` events together into the database of a host that does not run. */
export function seedHistory(
  database: string,
  { sessions, events, cwd }: { sessions: number; events: number; cwd: string },
): SessionId[] {
  const store = openStore(database, { log: silentLogger });
  const log = new EventLog(store, { now: () => new Date() });
  try {
    return Array.from({ length: sessions }, (_, index) => {
      const id = sessionIdSchema.parse(`s_seeded${String(index).padStart(6, '0')}`);
      const share = Math.floor(events / sessions);
      log.commit((tx) => created(tx, id, cwd));
      for (let turn = 1; (log.state(id)?.lastSeq ?? share) < share; turn += 1)
        log.commit((tx) => oneTurn(tx, id, turn));
      return id;
    });
  } finally {
    store.close();
  }
}

function created(tx: LogWriter, sessionId: SessionId, cwd: string): void {
  const instance = instanceIdSchema.parse(`i_${sessionId.slice(2)}`);
  const facts: EventBody[] = [
    {
      type: 'session.created',
      ...{ sessionId, agent: 'quick', cwd, worktree: null, mode: 'ask', title: 'Seeded' },
      by: 'bench',
    },
    { type: 'agent.starting', instance },
    {
      type: 'agent.started',
      ...{ instance, name: 'Demo', version: '1', agentSession: sessionId, loaded: false },
      accepts: { images: true, load: true },
    },
    { type: 'agent.exited', instance, expected: true, hibernated: true, code: 0, signal: null },
  ];
  for (const fact of facts) tx.append(sessionId, fact);
}

/** What an agent does all day: it reads, writes, runs and tells. */
function oneTurn(tx: LogWriter, id: SessionId, turn: number): void {
  const commandId = commandIdSchema.parse(v7());
  tx.append(id, {
    type: 'prompt.queued',
    commandId,
    prompt: [{ type: 'text', text: TEXT }],
    by: 'bench',
  });
  tx.append(id, { type: 'turn.started', turn, commandId });
  for (let n = 3; n < EVENTS_A_TURN; n += 1) {
    const toolCallId = `call-${turn}-${n - (n % 3)}`;
    if (n % 3 !== 0) tx.append(id, { type: 'agent.text', text: TEXT, messageId: `m-${turn}` });
    else
      tx.append(id, {
        type: 'tool.updated',
        ...{ toolCallId, title: 'npm test', kind: 'execute', status: 'completed' },
        input: { command: 'npm test', reason: TEXT },
      });
  }
  tx.append(id, { type: 'turn.ended', turn, outcome: 'completed' });
}
