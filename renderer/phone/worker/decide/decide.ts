import { z } from 'zod';
import type { DecisionSigner } from '../../../../src/connection/device/sign-decision.ts';
import { ConnectionRefused } from '../../../../src/connection/refusals.ts';
import {
  approvalSchema,
  decisionOutcomeSchema,
  receiptSchema,
  type Approval,
} from '../../../../src/protocol/approval/approval.ts';
import { ROLES, type Role } from '../../../../src/protocol/devices.ts';
import { RpcFailure } from '../../../../src/protocol/errors.ts';
import type { CommandId } from '../../../../src/protocol/ids.ts';
import type { Asked, Outcome } from '../push/outcome.ts';
import type { Talk } from './host-talk.ts';

export interface DecideNeeds {
  /** Over a channel, and another where the first broke. */
  talk<T>(work: (talk: Talk) => Promise<T>): Promise<T>;
  readonly signer: Pick<DecisionSigner, 'decide'>;
  /** The same however often it is sent, so that it is done once. */
  readonly commandId: CommandId;
}

const listSchema = z.object({ approvals: z.array(z.unknown()) });
const decidedSchema = z.object({
  outcome: decisionOutcomeSchema,
  receipt: receiptSchema.nullable(),
});
const eventsSchema = z.object({ events: z.array(z.unknown()) });
const earlierSchema = z.object({
  type: z.literal('approval.decided'),
  approvalId: z.string(),
  allowed: z.boolean(),
  by: z.string().optional(),
});
/** A decision is among the newest events of its session, or long past. */
const NEWEST = 40;

/** Decides the call that a notification showed, and no other. What it cannot do leaves the approval open. */
export async function decideAsked(asked: Asked, needs: DecideNeeds): Promise<Outcome> {
  // Once sent it may have arrived, though the channel broke: then the host knows the command.
  let sent: Approval | null = null;
  const decide = async (talk: Talk): Promise<Outcome> => {
    const approval: Approval | null = (await openOne(talk, asked)) ?? sent;
    if (approval === null) return await earlier(talk, asked);
    const why = whyNot(approval, asked, talk.role);
    if (why !== null) return { kind: 'toCard', why };
    const params = await needs.signer.decide(approval, {
      commandId: needs.commandId,
      choice: { allow: asked.allow },
    });
    sent = approval;
    const { outcome, receipt } = await talk.ask('approval.decide', params, decidedSchema);
    switch (outcome) {
      case 'decided':
        return { kind: 'decided', title: approval.title, delivered: receipt !== 'decided' };
      case 'superseded':
        return await earlier(talk, asked);
      case 'expired':
        return { kind: 'expired' };
      case 'notAllowed':
        return { kind: 'toCard', why: 'role' };
      default:
        return { kind: 'toCard', why: 'other' };
    }
  };
  try {
    return await needs.talk(decide);
  } catch (error) {
    // What the host refused was not done.
    if (error instanceof RpcFailure)
      return { kind: 'failed', wasSent: false, why: plain(error.message) };
    const why = error instanceof ConnectionRefused ? plain(error.message) : null;
    return { kind: 'failed', wasSent: sent !== null, why };
  }
}

/** The least that is trusted here is what the card would have asked for. */
function whyNot(
  { hash, kind, decider, risk }: Approval,
  asked: Asked,
  role: Role,
): Extract<Outcome, { kind: 'toCard' }>['why'] | null {
  if (hash !== asked.hash || kind === 'question') return 'other';
  if (ROLES.indexOf(role) < ROLES.indexOf('approver')) return 'role';
  // Refusing is safe, whoever does it.
  if (!asked.allow) return null;
  if (ROLES.indexOf(role) < ROLES.indexOf(decider?.role ?? 'approver')) return 'role';
  if (decider?.fresh === true) return 'fresh';
  return risk === undefined || risk.level === 'high' || risk.level === 'highest' ? 'risk' : null;
}

async function openOne(talk: Talk, asked: Asked): Promise<Approval | null> {
  const { sessionId, approvalId } = asked;
  const params = sessionId === undefined ? {} : { sessionId };
  const { approvals } = await talk.ask('approval.list', params, listSchema);
  const open = approvals.find((each) => idOf(each) === approvalId);
  return open === undefined ? null : approvalSchema.parse(open);
}

/** Who was first, where that can be told. */
async function earlier(talk: Talk, { sessionId, approvalId }: Asked): Promise<Outcome> {
  const unknown: Outcome = { kind: 'earlier', by: null, allowed: null };
  if (sessionId === undefined) return unknown;
  try {
    const params = { sessionId, before: Number.MAX_SAFE_INTEGER, limit: NEWEST };
    const { events } = await talk.ask('session.events', params, eventsSchema);
    const decided = events
      .map((event) => earlierSchema.safeParse(event).data)
      .find((event) => event?.approvalId === approvalId);
    if (decided === undefined) return unknown;
    return { kind: 'earlier', by: decided.by ?? null, allowed: decided.allowed };
  } catch {
    return unknown;
  }
}

function idOf(approval: unknown): unknown {
  return typeof approval === 'object' && approval !== null ? Reflect.get(approval, 'id') : null;
}

/** It goes on behind it. */
function plain(message: string): string {
  return message.replace(/\.$/, '');
}
