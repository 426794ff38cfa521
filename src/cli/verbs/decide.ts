import type {
  Approval,
  ApprovalOption,
  DecisionOutcome,
  Receipt,
} from '../../protocol/approval/approval.ts';
import { decisionOutcomeSchema } from '../../protocol/approval/approval.ts';
import { RpcFailure } from '../../protocol/errors.ts';
import type { ApprovalId } from '../../protocol/ids.ts';
import type { MethodName, Params, Result } from '../../protocol/methods.ts';
import type { Cli } from '../cli.ts';
import { CliFailure, EXIT, textField, wrongUsage, type ExitCode } from '../failure.ts';
import { ask } from '../host/host-link.ts';
import { approvalIdOf, sessionIdOf } from '../ids.ts';
import { approvalText } from '../output/approval-text.ts';
import { oneLine } from '../output/text.ts';
import { argumentText } from '../prompt-text.ts';

/** Hash of no call at all: an approval that is not open any more cannot be shown, so none is named. */
const NO_CALL = '0'.repeat(64);

interface Decision {
  readonly outcome: DecisionOutcome;
  readonly receipt: Receipt | null;
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
  return { id, sessionId, kind, title, hash, call, options, createdAt, expiresAt };
}

/** `porchlight approve AID` */
export async function approve(
  cli: Cli,
  given: string,
  options: { always?: boolean },
): Promise<ExitCode> {
  const { id, approval } = await find(cli, given);
  if (approval?.kind === 'question')
    throw new CliFailure(
      `${id} is a question: answer it with porchlight answer ${id} '{…}', or decline it with porchlight deny ${id}`,
    );
  const choice =
    options.always === true && approval !== null
      ? { optionId: alwaysOption(approval).optionId }
      : { allow: true };
  const decision = await decided(cli, 'approval.decide', {
    approvalId: id,
    hash: approval?.hash ?? NO_CALL,
    commandId: cli.newCommandId(),
    choice,
  });
  return await tell(cli, id, decision, 'Allowed');
}

function alwaysOption(approval: Approval): ApprovalOption {
  const always = approval.options.find(({ kind }) => kind === 'allow_always');
  if (always !== undefined) return always;
  const offered = approval.options.map(({ name }) => oneLine(name)).join(', ');
  throw new CliFailure(
    `The agent offers no "always" for ${approval.id}, only: ${offered}. Allow it once with: porchlight approve ${approval.id}`,
  );
}

/** `porchlight deny AID`; a question is declined. */
export async function deny(
  cli: Cli,
  given: string,
  options: { reason?: string },
): Promise<ExitCode> {
  const { id, approval } = await find(cli, given);
  const about = { approvalId: id, hash: approval?.hash ?? NO_CALL, commandId: cli.newCommandId() };
  if (approval?.kind !== 'question') {
    const { reason } = options;
    const decision = await decided(cli, 'approval.decide', {
      ...about,
      choice: { allow: false },
      ...(reason !== undefined && { reason }),
    });
    return await tell(cli, id, decision, 'Denied');
  }
  if (options.reason !== undefined)
    throw new CliFailure(
      `${id} is a question, which is declined without a reason. Leave out --reason.`,
    );
  return await tell(
    cli,
    id,
    await decided(cli, 'approval.answer', { ...about, answer: { decline: true } }),
    'Declined',
  );
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
    const { outcome, receipt }: Result<'approval.decide'> = await ask(cli, method, params);
    return { outcome, receipt };
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
  notAllowed: 'this surface may not decide it. Decide on one with the role approver or operator.',
  notThisCall:
    'the call is not the one that was shown, so nothing was decided. Look again: porchlight approvals',
} as const satisfies Record<Exclude<DecisionOutcome, 'decided'>, string>;
