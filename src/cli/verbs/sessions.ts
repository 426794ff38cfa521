import type { Result } from '../../protocol/methods.ts';
import type { SessionState } from '../../protocol/session/state.ts';
import { summaryOf } from '../../protocol/session/state.ts';
import { approvalText } from '../output/approval-text.ts';
import { rowOf, sessionRows, sessionTable } from '../output/session-table.ts';
import { ago, count, indent, oneLine } from '../output/text.ts';
import type { Cli } from '../cli.ts';
import { ask } from '../host/host-link.ts';
import { sessionIdOf } from '../ids.ts';
import { PLAN_MARKS, promptLine } from '../watch/event-text.ts';

/** `porchlight ls` */
export async function listSessions(cli: Cli, options: { all?: boolean }): Promise<void> {
  const listed = await ask(cli, 'session.list', { archived: options.all === true });
  const { sessions, problems } = listed;
  await cli.out.answer(sessionRows(sessions), () =>
    sessionTable(sessions, { nowMs: cli.nowMs(), columns: cli.out.columns }),
  );
  if (!cli.out.json) for (const { message } of problems) cli.out.remark(`! ${oneLine(message)}`);
}

/** `porchlight show ID` */
export async function showSession(cli: Cli, given: string): Promise<void> {
  const sessionId = await sessionIdOf(cli, given);
  const shown = await ask(cli, 'session.show', { sessionId });
  await cli.out.answer(whole(shown), () => sessionText(shown, cli));
}

function branchText({ origin, worktreeState }: SessionState): string | null {
  if (origin === null || worktreeState === null) return null;
  const onto = origin.base === null ? '' : ` → ${origin.base}`;
  return `${origin.branch}${onto}, ${worktreeState}`;
}

function whole({ session, turns }: Result<'session.show'>) {
  const {
    queue,
    held,
    usage,
    problem,
    archived,
    nativeMode,
    modeVersion,
    sandbox,
    agentName,
    agentSession,
    plan,
    options,
    commands,
    heardAt,
    origin,
    worktreeState,
    shared,
  } = session;
  const openApprovals = session.approvals;
  const more = {
    problem,
    archived,
    nativeMode,
    modeVersion,
    sandbox,
    agentName,
    agentSession,
    plan,
    options,
    commands,
    heardAt,
    openApprovals,
    origin,
    worktreeState,
    shared,
  };
  return { ...rowOf(summaryOf(session)), turns, queue, held, usage, ...more };
}

function sessionText({ session, turns }: Result<'session.show'>, cli: Cli): string {
  const nowMs = cli.nowMs();
  const facts: [string, string | null][] = [
    ['state', session.archived ? `${session.state}, archived` : session.state],
    [
      'problem',
      session.problem &&
        [session.problem.message, session.problem.fix].filter(Boolean).join(' Fix: '),
    ],
    ['title', session.title],
    [
      'agent',
      session.agentName === null ? session.agent : `${session.agent} (${session.agentName})`,
    ],
    ['mode', session.mode ?? session.nativeMode],
    ['sandbox', session.sandbox],
    ['folder', session.cwd],
    ['worktree', session.worktree],
    ['branch', branchText(session)],
    [
      'turns',
      turns.length === 0
        ? 'none'
        : `${turns.length}, the last ${session.turn?.outcome ?? 'running'}`,
    ],
    ['usage', session.usage && `${session.usage.used} of ${session.usage.size} tokens`],
    ['events', String(session.lastSeq)],
    ['created', ago(session.createdAt, nowMs)],
    ['changed', ago(session.updatedAt, nowMs)],
  ];
  const lines: string[] = [session.id];
  for (const [name, value] of facts)
    if (value !== null) lines.push(`  ${name.padEnd(9)} ${oneLine(value)}`);
  if (session.queue.length > 0) {
    lines.push(
      `  ${count(session.queue.length, 'prompt')} waiting${session.held ? ', held until you send or resume' : ''}:`,
    );
    for (const { prompt } of session.queue) lines.push(`    - ${oneLine(promptLine(prompt))}`);
  }
  if (session.plan.length > 0) lines.push('  plan:');
  for (const entry of session.plan)
    lines.push(`    ${PLAN_MARKS[entry.status]} ${oneLine(entry.content)}`);
  for (const approval of session.approvals)
    lines.push('', indent(approvalText(approval, nowMs), '  '));
  return lines.join('\n');
}
