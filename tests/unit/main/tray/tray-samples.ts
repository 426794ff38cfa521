import type { AgentEntry } from '../../../../src/protocol/agent.ts';
import { approvalSchema, type Approval } from '../../../../src/protocol/approval/approval.ts';
import {
  sessionSummarySchema,
  type SessionSummary,
} from '../../../../src/protocol/session/state.ts';
import type { MenuEntry } from '../../../../src/main/tray/menu-entry.ts';
import { initialTrayState, type TrayState } from '../../../../src/main/tray/tray-state.ts';

export const HASH = 'a'.repeat(64);

export function session(n: number, given: Partial<SessionSummary> = {}): SessionSummary {
  return sessionSummarySchema.parse({
    id: `s_${String(n).padStart(12, '0')}`,
    agent: 'demo',
    title: `Session ${n}`,
    cwd: `/home/ada/project-${n}`,
    worktree: null,
    state: 'working',
    mode: 'ask',
    createdAt: `2026-11-21T08:00:${String(n).padStart(2, '0')}.000Z`,
    updatedAt: '2026-11-21T08:00:00.000Z',
    lastSeq: 1,
    archived: false,
    problem: null,
    approvals: 0,
    queued: 0,
    ...given,
  });
}

export const PARKED = {
  until: '2026-11-21T10:10:00.000Z',
  reason: 'The allowance is used up.',
  attempt: 1,
};

export function approval(n: number, given: Partial<Approval> = {}): Approval {
  return approvalSchema.parse({
    id: `a_${String(n).padStart(12, '0')}`,
    sessionId: session(n).id,
    kind: 'execute',
    title: 'Run the tests',
    hash: HASH,
    call: {
      tool: 'Bash',
      input: { command: 'npm test && git status', description: 'Runs tests' },
      locations: [],
      diff: [],
    },
    options: [],
    createdAt: '2026-11-21T08:00:00.000Z',
    expiresAt: null,
    ...given,
  });
}

export function agent(id: string, modes: string[], found = true): AgentEntry {
  return {
    id,
    name: id.toUpperCase(),
    found,
    version: null,
    command: null,
    from: null,
    modes,
    installable: null,
    signIn: null,
  };
}

export function state(given: Partial<TrayState>): TrayState {
  return { ...initialTrayState, link: { kind: 'connected' }, ...given };
}

/** The menu as indented text; a line that does nothing is in brackets, an action is in braces. */
export function drawn(entries: readonly MenuEntry[], indent = ''): string[] {
  return entries.flatMap((entry) => {
    if (entry === 'separator') return [`${indent}---`];
    const { do: act, ...with_ } = entry.does ?? { do: '' };
    const rest = Object.values(with_).map(String).join(' ');
    const label =
      entry.does === undefined && entry.below === undefined ? `(${entry.label})` : entry.label;
    return [
      `${indent}${label}${act === '' ? '' : ` {${[act, rest].join(' ').trim()}}`}`,
      ...drawn(entry.below ?? [], `${indent}  `),
    ];
  });
}
