import { silentLogger } from '../../src/base/log.ts';
import { EventLog } from '../../src/host/event-log/event-log.ts';
import { openStore } from '../../src/host/event-log/sqlite-store.ts';
import { sessionIdSchema, type SessionId } from '../../src/protocol/ids.ts';
import type { EventBody } from '../../src/protocol/session/events.ts';

const EVENTS_PER_COMMIT = 2_000;
const CODE = '```ts\nexport function half(value: number): number {\n  return value / 2;\n}\n```\n';

/** Writes a session that has ended, `count` events long, into a database no host has open. */
export function writeHistory(
  database: string,
  { title, cwd, count }: { title: string; cwd: string; count: number },
): SessionId {
  const sessionId = sessionIdSchema.parse(`s_${title.toLowerCase().padEnd(12, '0').slice(0, 12)}`);
  const store = openStore(database, { log: silentLogger });
  try {
    const log = new EventLog(store, { now: () => new Date() });
    const bodies = history(sessionId, title, cwd, count);
    for (let from = 0; from < count; from += EVENTS_PER_COMMIT)
      log.commit((tx) => {
        for (const body of bodies.slice(from, from + EVENTS_PER_COMMIT)) tx.append(sessionId, body);
      });
  } finally {
    store.close();
  }
  return sessionId;
}

function history(sessionId: SessionId, title: string, cwd: string, count: number): EventBody[] {
  const created: EventBody = {
    type: 'session.created',
    sessionId,
    agent: 'demo',
    cwd,
    worktree: null,
    mode: 'ask',
    title,
    by: 'bench',
  };
  const bodies: EventBody[] = [created];
  for (let step = 0; bodies.length < count - 1; step += 1) bodies.push(...stepOf(step, cwd));
  return [...bodies.slice(0, count - 1), { type: 'session.ended', by: 'bench' }];
}

/** What an agent does between two edits: a thought, a streamed answer, a call with a diff. */
function stepOf(step: number, cwd: string): EventBody[] {
  const toolCallId = `call-${step}`;
  const words = (n: number) => `Word ${step}.${n} of what the model has to say about it. `;
  const said = Array.from({ length: 9 }, (_, n): EventBody => {
    return { type: 'agent.text', messageId: `m-${step}`, text: words(n) };
  });
  return [
    { type: 'user.text', text: `Step ${step}: halve the values, please.` },
    { type: 'agent.thought', text: `The values of step ${step} are in one file. ` },
    ...said,
    { type: 'agent.text', messageId: `m-${step}`, text: `\n\n- a list\n- of two\n\n${CODE}` },
    {
      type: 'tool.updated',
      toolCallId,
      title: `Edit values-${step}.ts`,
      kind: 'edit',
      status: 'in_progress',
      locations: [{ path: `${cwd}/values-${step}.ts` }],
    },
    {
      type: 'tool.updated',
      toolCallId,
      status: 'completed',
      content: [
        {
          type: 'diff',
          path: `${cwd}/values-${step}.ts`,
          oldText: 'export const value = 2;\n',
          newText: 'export const value = 1;\n',
        },
      ],
    },
  ];
}
