import { canonicalJson } from '../../base/canonical-json.ts';
import type { DeviceId } from '../relay.ts';
import type { ApprovalId, CommandId } from '../ids.ts';
import type { ParsedParams } from '../methods.ts';
import type { Rule } from '../rules/rule.ts';

export const DECISION_TAG = 'porchlight decision v1\0';

/** All that a device binds itself to when it decides; what is absent was not said. */
export interface SignedDecision {
  /** The host's Ed25519 key, base64url: `hostKey` of the device's grant. */
  readonly host: string;
  readonly device: DeviceId;
  readonly approval: ApprovalId;
  /** Hex SHA-256 of the canonical call, computed by the device over what it showed. */
  readonly call: string;
  readonly command: CommandId;
  /** Of a tool call: whether it may run, or the agent's own option. */
  readonly choice?: { readonly allow: boolean } | { readonly optionId: string };
  readonly reason?: string;
  /** The input to ask for instead; see `approval.decide`. */
  readonly edited?: unknown;
  /** The rule or grant that is saved with it. */
  readonly rule?: Rule;
  /** Of a question. */
  readonly answer?: { readonly content: Record<string, unknown> } | { readonly decline: true };
}

/**
 * What a device signs (ECDSA P-256 with SHA-256 over its UTF-8) to decide: the tag, then canonical
 * JSON (RFC 8785). With a passkey, base64url of its SHA-256 is also the WebAuthn challenge, so that
 * a check of the person is for this decision and no other.
 */
export function decisionText(decision: SignedDecision): string {
  return `${DECISION_TAG}${canonicalJson(decision)}`;
}

/** What is decided, as both ends read it from the parameters: the device to sign it, the host to check. */
export type Deciding =
  | Omit<ParsedParams<'approval.decide'>, 'hash' | 'proof'>
  | Omit<ParsedParams<'approval.answer'>, 'hash' | 'proof'>;

/** `call`: on the device what it computed itself, on the host the hash of the open approval. */
export function decisionOf(
  params: Deciding,
  { host, device, call }: Pick<SignedDecision, 'host' | 'device' | 'call'>,
): SignedDecision {
  const { approvalId: approval, commandId: command } = params;
  const common = { host, device, approval, call, command };
  if ('answer' in params) return { ...common, answer: params.answer };
  const { choice, reason, edited, rule } = params;
  return {
    ...common,
    choice,
    ...(reason !== undefined && { reason }),
    ...(edited !== undefined && { edited }),
    ...(rule !== undefined && { rule }),
  };
}
