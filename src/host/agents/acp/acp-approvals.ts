import { createHash } from 'node:crypto';
import type {
  CreateElicitationResponse,
  RequestPermissionResponse,
} from '@agentclientprotocol/sdk';
import type { z } from 'zod';
import { canonicalJson } from '../../../base/canonical-json.ts';
import type { ApprovalKind, ApprovalOption, Call } from '../../../protocol/approval/approval.ts';
import type { ToolPatch } from '../../../protocol/transcript/tool-call.ts';
import type { AgentAnswer } from '../driver.ts';
import { elicitationParamsSchema, permissionParamsSchema, type AcpToolCall } from './acp-schema.ts';
import { isTooDeep } from './acp-text.ts';
import { diffsOf, textOf, toolName, toolPatch } from './acp-tools.ts';

/** A request of the agent that cannot be understood: it is answered with invalid params (-32602). */
export class MalformedRequest extends Error {
  override name = 'MalformedRequest';
}

/** The answer when nobody decides; ACP asks for it after a `session/cancel`. */
export const CANCELLED_PERMISSION: RequestPermissionResponse = {
  outcome: { outcome: 'cancelled' },
};

/** An approval before the session gives it its id, its times and its place. */
export interface ApprovalDraft {
  readonly kind: ApprovalKind;
  readonly title: string;
  readonly why?: string;
  readonly toolCallId?: string;
  readonly call: Call;
  /** Of `call`, see {@link canonicalHash}. */
  readonly hash: string;
  readonly options: ApprovalOption[];
  /** What the request tells of the tool call; it may be the first sight of it. */
  readonly toolPatch: ToolPatch | null;
  /** The agent's own session id; null when a question belongs to none. */
  readonly agentSession: string | null;
}

/**
 * The approval in a `session/request_permission`. `known` is what earlier updates told of the same
 * call: agents may leave out of the request what they have said. Throws a {@link MalformedRequest} when it
 * cannot be read, or its call cannot be named by a hash.
 */
export function approvalFromPermission(params: unknown, known?: ToolPatch): ApprovalDraft {
  const { toolCall, options, sessionId } = parse(
    'session/request_permission',
    permissionParamsSchema,
    params,
  );
  const call = callOf(toolCall, known);
  const title = toolCall.title ?? known?.title ?? call.tool;
  const why = textOf(toolCall).trim();
  return {
    kind: toolCall.kind ?? known?.kind ?? 'other',
    title,
    ...(why !== '' && why !== title && { why }),
    toolCallId: toolCall.toolCallId,
    call,
    hash: hashOf(call),
    options,
    toolPatch: toolPatch(toolCall),
    agentSession: sessionId,
  };
}

/** The question in an `elicitation/create` of mode form, the one we offer. Throws {@link MalformedRequest}. */
export function approvalFromElicitation(params: unknown): ApprovalDraft {
  const parsed = parse('elicitation/create', elicitationParamsSchema, params);
  const { mode, message, requestedSchema, toolCallId, sessionId } = parsed;
  if (mode !== 'form' || requestedSchema === undefined)
    throw new MalformedRequest(`elicitation/create: the mode ${mode} is not one that we offer`);
  const call: Call = {
    tool: 'question',
    input: { message, requestedSchema },
    locations: [],
    diff: [],
  };
  return {
    kind: 'question',
    title: message,
    ...(toolCallId !== undefined && { toolCallId }),
    call,
    hash: hashOf(call),
    options: [],
    toolPatch: null,
    agentSession: sessionId ?? null,
  };
}

/** Hex SHA-256 over the canonical JSON of a call: what a decision names. */
export function canonicalHash(call: Call): string {
  return createHash('sha256').update(canonicalJson(call), 'utf8').digest('hex');
}

/** The answer to `session/request_permission`; null is `cancelled`. */
export function permissionAnswer(optionId: string | null): RequestPermissionResponse {
  if (optionId === null) return CANCELLED_PERMISSION;
  return { outcome: { outcome: 'selected', optionId } };
}

export type ElicitationContent = Record<string, string | number | boolean | string[]>;

/** The answer to `elicitation/create`: what the person filled in, or that they would not. */
export function elicitationAnswer(
  answer: ElicitationContent | 'decline' | 'cancel',
): CreateElicitationResponse {
  if (answer === 'decline' || answer === 'cancel') return { action: answer };
  return { action: 'accept', content: answer };
}

function parse<T extends z.ZodType>(method: string, schema: T, params: unknown): z.infer<T> {
  if (isTooDeep(params)) throw new MalformedRequest(`${method}: nested too deeply`);
  const parsed = schema.safeParse(params);
  if (parsed.success) return parsed.data;
  throw new MalformedRequest(`${method}: the parameters cannot be read`, { cause: parsed.error });
}

/** RFC 8785 has no text for a lone surrogate, which JSON can carry. */
function hashOf(call: Call): string {
  try {
    return canonicalHash(call);
  } catch (cause) {
    throw new MalformedRequest('The call holds text that is no Unicode', { cause });
  }
}

/** What an agent hears when nobody will answer it. */
export function refusalOf(kind: 'permission' | 'question'): object {
  return kind === 'question' ? elicitationAnswer('cancel') : permissionAnswer(null);
}

function callOf(toolCall: AcpToolCall, known: ToolPatch | undefined): Call {
  const locations = toolCall.locations ?? known?.locations ?? [];
  const diff = toolCall.content === undefined ? knownDiffs(known) : diffsOf(toolCall);
  return {
    tool: toolName(toolCall) ?? known?.tool ?? toolCall.kind ?? known?.kind ?? 'other',
    input: toolCall.rawInput ?? wholeInput(known) ?? toldInput(toolCall),
    locations: locations.map(({ path, line }) => ({ path, ...(line !== undefined && { line }) })),
    diff,
  };
}

/**
 * Gemini gives no raw input: what it shows is the call. The hash must cover it, or two commands
 * would have the same.
 */
function toldInput(toolCall: AcpToolCall): unknown {
  const text = textOf(toolCall);
  return { title: toolCall.title ?? null, ...(text !== '' && { text }) };
}

/** A patch that was cut does not tell the exact call. */
function wholeInput(known: ToolPatch | undefined): unknown {
  return known?.leftOutBytes === undefined ? known?.input : undefined;
}

function knownDiffs(known: ToolPatch | undefined): Call['diff'] {
  if (known?.leftOutBytes !== undefined) return [];
  return (known?.content ?? []).flatMap((item) =>
    item.type === 'diff' ? [{ path: item.path, oldText: item.oldText, newText: item.newText }] : [],
  );
}

/** A person's answer as the result that ACP wants. */
export function answerResult(answer: AgentAnswer): object {
  if ('optionId' in answer) return permissionAnswer(answer.optionId);
  // The desk has checked its values.
  return elicitationAnswer(
    'decline' in answer ? 'decline' : (answer.content as ElicitationContent),
  );
}
