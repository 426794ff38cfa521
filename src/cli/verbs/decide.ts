import type { Approval, DecisionOutcome, Receipt } from '../../protocol/approval/approval.ts';
import { decisionOutcomeSchema } from '../../protocol/approval/approval.ts';
import { RpcFailure } from '../../protocol/errors.ts';
import type { ApprovalId } from '../../protocol/ids.ts';
import type { MethodName, Params, Result } from '../../protocol/methods.ts';
import type { Rule } from '../../protocol/rules/rule.ts';
import type { Cli } from '../cli.ts';
import { CliFailure, EXIT, textField, wrongUsage, type ExitCode } from '../failure.ts';
import { ask } from '../host/host-link.ts';
import { approvalIdOf, sessionIdOf } from '../ids.ts';
import { approvalText } from '../output/approval-text.ts';
import { oneLine } from '../output/text.ts';
import { argumentText } from '../prompt-text.ts';
import { spanMs } from '../times.ts';

/** Hash of no call at all: an approval that is not open any more cannot be shown, so none is named. */
const NO_CALL = '0'.repeat(64);

interface Decision {
  readonly outcome: DecisionOutcome;
  readonly receipt: Receipt | null;
  readonly problem?: string;
}

/** `porchlight approvals` */
export async function listApprovals(cli: Cli, options: { session?: string }): Promise<void> {
  const sessionId =
    options.session === undefined ? undefined : await sessionIdOf(cli, options.session);
  const { approvals } = await ask(cli, 'approval.list', { sessionId });
  await cli.out.answer(approvals.map(row), () =>
    approvals.length === 0
      ? 'No open approvals.'
      : approvals.map((approval) => approvalText(approval, cli.nowMs())).join('\n\n'),
  );
}

function row(approval: Approval) {
  const { id, sessionId, kind, title, hash, call, options, createdAt, expiresAt } = approval;
  const { agent, cwd, mode, why, risk, asks, decider, onExpiry } = approval;
  const known = { agent, cwd, mode, why, risk, asks, decider, onExpiry };
  return { id, sessionId, kind, title, hash, call, options, createdAt, expiresAt, ...known };
}

export interface ApproveOptions {
  readonly always?: boolean;
  readonly for?: string;
  readonly uses?: string;
}

/** `porchlight approve AID…` */
export async function approve(
  cli: Cli,
  given: readonly string[],
  options: ApproveOptions,
): Promise<ExitCode> {
  const grant = grantOf(cli, options);
  return await each(cli, given, 'Allowed', async (id, approval) => {
    if (approval?.kind === 'question')
      throw new CliFailure(
        `${id} is a question: answer it with porchlight answer ${id} '{…}', or decline it with porchlight deny ${id}`,
      );
    const rule = grant === null || approval === null ? null : await proposed(cli, approval, grant);
    const about = { approvalId: id, hash: approval?.hash ?? NO_CALL, choice: { allow: true } };
    const commandId = cli.newCommandId();
    return await decided(cli, 'approval.decide', { ...about, commandId, ...(rule && { rule }) });
  });
}

/** What is to be kept of an approval: nothing (null), or how long its like is allowed. */
function grantOf(
  cli: Cli,
  { always, for: span, uses }: ApproveOptions,
): Pick<Rule, 'until' | 'uses' | 'madeAt'> | null {
  if (span === undefined && uses === undefined) return always === true ? {} : null;
  if (uses !== undefined && !/^[1-9]\d{0,5}$/u.test(uses))
    throw wrongUsage(`--uses takes how often: a whole number from 1, not ${uses}.`);
  return {
    ...(span !== undefined && { until: new Date(cli.nowMs() + spanMs(span)).toISOString() }),
    ...(uses !== undefined && { uses: Number(uses) }),
    madeAt: new Date(cli.nowMs()).toISOString(),
  };
}

/** The narrowest rule that would do; never the agent's own "always", which would bind us no more. */
async function proposed(
  cli: Cli,
  { id }: Approval,
  grant: Pick<Rule, 'until' | 'uses' | 'madeAt'>,
): Promise<Rule> {
  const { proposals } = await ask(cli, 'rules.propose', { approvalId: id });
  const [narrowest] = proposals;
  if (narrowest === undefined)
    throw new CliFailure(
      `No rule would always allow ${id}, so nothing was decided. Allow it once with: porchlight approve ${id}`,
    );
  const rule = { ...narrowest.rule, ...grant };
  const end = [
    ...(rule.until === undefined ? [] : [`until ${rule.until}`]),
    ...(rule.uses === undefined ? [] : [`${rule.uses} times`]),
  ];
  cli.out.remark(
    `From now on: ${oneLine([narrowest.text, ...end].join(', '))}. ${oneLine(narrowest.means)}`,
  );
  return rule;
}

export interface DenyOptions {
  readonly reason?: string;
  readonly instead?: string;
}

/** `porchlight deny AID…`; a question is declined. */
export async function deny(
  cli: Cli,
  given: readonly string[],
  { reason, instead }: DenyOptions,
): Promise<ExitCode> {
  if (instead !== undefined && given.length > 1)
    throw wrongUsage('--instead changes one call: give one approval.');
  const edited =
    instead === undefined ? undefined : inputOf(await argumentText(instead, cli.stdin));
  return await each(cli, given, 'Denied', async (id, approval) => {
    const hash = approval?.hash ?? NO_CALL;
    const about = { approvalId: id, hash, commandId: cli.newCommandId() };
    if (approval?.kind !== 'question')
      return await decided(cli, 'approval.decide', {
        ...about,
        choice: { allow: false },
        ...(reason !== undefined && { reason }),
        ...(edited !== undefined && { edited }),
      });
    if (reason !== undefined || edited !== undefined)
      throw new CliFailure(
        `${id} is a question, which is declined without a reason. Leave out --reason and --instead.`,
      );
    return await decided(cli, 'approval.answer', { ...about, answer: { decline: true } });
  });
}

function inputOf(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw wrongUsage(
      `--instead takes the input as JSON (${error instanceof Error ? error.message : String(error)}). Example: '{"command":"npm test"}'`,
    );
  }
}

/** One is told as ever; of several each is decided, whatever became of the one before. */
async function each(
  cli: Cli,
  given: readonly string[],
  done: string,
  decide: (id: ApprovalId, approval: Approval | null) => Promise<Decision>,
): Promise<ExitCode> {
  const [only] = given;
  if (given.length === 1 && only !== undefined) {
    const { id, approval } = await find(cli, only);
    const word = approval?.kind === 'question' ? 'Declined' : done;
    return await tell(cli, id, await decide(id, approval), word);
  }
  const told: ({ readonly id: string } & Decision)[] = [];
  const lines: string[] = [];
  let hasLost = false;
  for (const name of new Set(given)) {
    try {
      const { id, approval } = await find(cli, name);
      const decision = await decide(id, approval);
      told.push({ id, ...decision });
      if (decision.problem !== undefined) cli.out.remark(`${id}: ${oneLine(decision.problem)}`);
      const { outcome, receipt } = decision;
      if (outcome === 'decided') lines.push(`${id}: ${done}${RECEIPTS[receipt ?? 'decided']}`);
      else cli.out.remark(`${id}: ${LOST[outcome]}`);
      hasLost ||= outcome !== 'decided';
    } catch (error) {
      if (!(error instanceof CliFailure || error instanceof RpcFailure)) throw error;
      hasLost = true;
      cli.out.remark(`${oneLine(name)}: ${error.message}`);
    }
  }
  if (told.length > 0 || cli.json) await cli.out.answer(told, () => lines.join('\n'));
  return hasLost ? EXIT.failed : EXIT.done;
}

/** `porchlight answer AID JSON` */
export async function answer(cli: Cli, given: string, json: string): Promise<ExitCode> {
  const content = contentOf(await argumentText(json, cli.stdin));
  const { id, approval } = await find(cli, given);
  if (approval !== null && approval.kind !== 'question')
    throw new CliFailure(
      `${id} is not a question: decide it with porchlight approve ${id} or porchlight deny ${id}`,
    );
  const about = { approvalId: id, hash: approval?.hash ?? NO_CALL, commandId: cli.newCommandId() };
  return await tell(
    cli,
    id,
    await decided(cli, 'approval.answer', { ...about, answer: { content } }),
    'Answered',
  );
}

function contentOf(json: string): Record<string, unknown> {
  let content: unknown;
  try {
    content = JSON.parse(json);
  } catch (error) {
    throw wrongUsage(
      `The answer is not JSON (${error instanceof Error ? error.message : String(error)}). Example: '{"name":"value"}'`,
    );
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content))
    throw wrongUsage(
      `The answer must be a JSON object with the fields of the question. Example: '{"name":"value"}'`,
    );
  return { ...content };
}

/** The open approval, for its hash; null when it is not open (decided, closed, or never there). */
async function find(
  cli: Cli,
  given: string,
): Promise<{ id: ApprovalId; approval: Approval | null }> {
  const id = await approvalIdOf(cli, given);
  const { approvals } = await ask(cli, 'approval.list', {});
  return { id, approval: approvals.find((candidate) => candidate.id === id) ?? null };
}

async function decided<M extends 'approval.decide' | ('approval.answer' & MethodName)>(
  cli: Cli,
  method: M,
  params: Params<M>,
): Promise<Decision> {
  try {
    const { outcome, receipt, problem }: Result<'approval.decide'> = await ask(cli, method, params);
    return { outcome, receipt, ...(problem !== undefined && { problem }) };
  } catch (error) {
    if (!(error instanceof RpcFailure) || !error.is('superseded')) throw error;
    const told = decisionOutcomeSchema.safeParse(textField(error.data, 'outcome'));
    return { outcome: told.success ? told.data : 'superseded', receipt: null };
  }
}

/** A lost decision is told as JSON too: who asked must know what became of it. */
async function tell(cli: Cli, id: ApprovalId, decision: Decision, done: string): Promise<ExitCode> {
  const won = decision.outcome === 'decided';
  if (won || cli.json)
    await cli.out.answer(decision, () => `${done}${RECEIPTS[decision.receipt ?? 'decided']}`);
  if (decision.problem !== undefined) cli.out.remark(oneLine(decision.problem));
  if (won) return EXIT.done;
  cli.out.remark(`${id}: ${LOST[decision.outcome]}`);
  return EXIT.failed;
}

const RECEIPTS = {
  decided: '; the agent has not taken it yet.',
  delivered: '; the agent has it.',
  finished: '; the agent has it, and the call is done.',
  failed: '; the agent has it, and the call failed.',
} as const satisfies Record<Receipt, string>;

const LOST = {
  superseded: 'it was decided or closed before, so this changed nothing. See: porchlight approvals',
  expired: 'it has expired, so this changed nothing. The agent may ask again: porchlight approvals',
  notAllowed:
    'this surface may not decide it so. Decide on one with the role approver; a rule or a changed call needs operator.',
  notThisCall:
    'the call is not the one that was shown, so nothing was decided. Look again: porchlight approvals',
} as const satisfies Record<Exclude<DecisionOutcome, 'decided'>, string>;
