import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SessionUpdate } from '@agentclientprotocol/sdk';
import { describe, expect, it } from 'vitest';
import {
  approvalFromElicitation,
  approvalFromPermission,
} from '../../../../../src/host/agents/acp/acp-approvals.ts';
import { nativeModeOf, translateUpdate } from '../../../../../src/host/agents/acp/acp-events.ts';
import {
  initializeResultSchema,
  newSessionResultSchema,
  promptResultSchema,
} from '../../../../../src/host/agents/acp/acp-schema.ts';
import { eventBodySchema } from '../../../../../src/protocol/session/events.ts';
import { ACP_TABLE, type AcpTableRow } from '../../../../../src/protocol/transcript/acp-table.ts';
import type { RecordedLine } from '../../../../fakes/acp-client.ts';

const FOLDER = join(import.meta.dirname, '../../../../fakes/transcripts');
const AGENTS = ['claude', 'codex', 'opencode', 'gemini'];

// Does not compile when the SDK knows a kind of update that the table does not.
ACP_TABLE satisfies Record<SessionUpdate['sessionUpdate'], AcpTableRow>;

function recorded(agent: string): RecordedLine[] {
  const text = readFileSync(join(FOLDER, `${agent}.jsonl`), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as RecordedLine);
}

interface Understood {
  readonly said: string;
  readonly became: readonly unknown[];
}

/** What the host makes of each line that an agent sent. */
function understood(lines: readonly RecordedLine[]): Understood[] {
  return lines.flatMap(({ dir, message }): Understood[] => {
    if (dir === 'out') return [];
    const { method, params } = message;
    if (method === 'session/update') {
      const { update } = params as { update: { sessionUpdate: string } };
      return [{ said: update.sessionUpdate, became: translateUpdate(update) }];
    }
    if (method === 'session/request_permission')
      return [{ said: method, became: [approvalFromPermission(params)] }];
    if (method === 'elicitation/create')
      return [{ said: method, became: [approvalFromElicitation(params)] }];
    return [];
  });
}

describe.each(AGENTS)('the recorded transcript of %s', (agent) => {
  const lines = recorded(agent);

  it('becomes the stored events and approvals', async () => {
    const text = understood(lines)
      .map((each) => JSON.stringify(each))
      .join('\n');
    await expect(`${text}\n`).toMatchFileSnapshot(join(FOLDER, `${agent}.expected.jsonl`));
  });

  it('becomes only events that the table names for its kinds, each of them valid', () => {
    for (const { said, became } of understood(lines)) {
      if (said.includes('/')) continue;
      const row: AcpTableRow = ACP_TABLE[said as SessionUpdate['sessionUpdate']];
      for (const body of became) {
        expect(row.events).toContain(eventBodySchema.parse(body).type);
        expect(JSON.stringify(body)).not.toContain('cannot be read');
      }
    }
  });

  it('is understood in its answers too', () => {
    const answers = lines.filter(
      ({ dir, message }) => dir === 'in' && message.method === undefined,
    );
    const [hello, opened, ...prompts] = answers.map(({ message }) => message.result);
    expect(initializeResultSchema.parse(hello)).toMatchObject({ protocolVersion: 1 });
    expect(newSessionResultSchema.parse(opened).sessionId).not.toBe('');
    const reasons = prompts.map((result) => promptResultSchema.parse(result).stopReason);
    expect(new Set(reasons)).toEqual(new Set(['end_turn', 'cancelled']));
  });

  it('asks before it writes a file and before it runs a command, in the mode ask', () => {
    const asked = understood(lines).filter(({ said }) => said === 'session/request_permission');
    expect(asked.length).toBeGreaterThanOrEqual(3);
    expect(JSON.stringify(asked)).toContain('shell.txt');
    expect(JSON.stringify(asked)).toContain('hello.txt');
  });

  it('holds no trace of the machine it was recorded on', () => {
    const text = readFileSync(join(FOLDER, `${agent}.jsonl`), 'utf8');
    expect(text).not.toMatch(/\/(root|tmp|Users|home\/(?!person))|sk-ant|Bearer /);
    expect(text.length).toBeLessThan(200_000);
  });
});

it('the SDK and the table agree on what is a mode', () => {
  expect(nativeModeOf({ sessionUpdate: 'current_mode_update', currentModeId: 'plan' })).toBe(
    'plan',
  );
});
