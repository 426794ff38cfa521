import { toBase64url } from '../../base/base64url.ts';
import { canonicalJson } from '../../base/canonical-json.ts';
import type { SymmetricPrimitives } from '../../crypto/primitives.ts';
import type { Approval, Call } from '../../protocol/approval/approval.ts';
import { decisionOf, decisionText, type Deciding } from '../../protocol/approval/decision.ts';
import type { DecisionProof } from '../../protocol/approval-methods.ts';
import type { ParsedParams } from '../../protocol/methods.ts';
import type { DeviceKeys } from './ports.ts';

/** What a person decides; which call it is about is added here. */
export type Unsigned<M extends 'approval.decide' | 'approval.answer'> = Omit<
  ParsedParams<M>,
  'approvalId' | 'hash' | 'proof'
>;

/** Has the person prove to be there: the browser's AuthenticationResponseJSON for that challenge. */
export type PersonCheck = (challenge: string) => Promise<Record<string, unknown>>;

export interface DecisionSignerNeeds {
  readonly keys: Pick<DeviceKeys, 'grant' | 'sign'>;
  readonly sha256: SymmetricPrimitives['sha256'];
  /** Absent: this device has no means for it, and says so where it is asked for. */
  readonly person?: PersonCheck;
}

/**
 * Binds a decision to the call that was shown on this device: it computes the call's hash itself,
 * and signs nothing that the host names otherwise. Every failure is in words for the person, and
 * then nothing was sent.
 */
export class DecisionSigner {
  readonly #needs: DecisionSignerNeeds;

  constructor(needs: DecisionSignerNeeds) {
    this.#needs = needs;
  }

  /** `approval` as it is on screen. */
  async decide(
    approval: Approval,
    decision: Unsigned<'approval.decide'>,
  ): Promise<ParsedParams<'approval.decide'>> {
    const params = { ...decision, ...this.#about(approval) };
    return { ...params, proof: await this.#proofOf(approval, params) };
  }

  async answer(
    approval: Approval,
    decision: Unsigned<'approval.answer'>,
  ): Promise<ParsedParams<'approval.answer'>> {
    const params = { ...decision, ...this.#about(approval) };
    return { ...params, proof: await this.#proofOf(approval, params) };
  }

  #about({ id, call, hash }: Approval): { approvalId: Approval['id']; hash: string } {
    if (this.#hashOf(call) !== hash)
      throw new Error(
        'What is shown here is not the call that the host asks about. Nothing was decided: reload and look again.',
      );
    return { approvalId: id, hash };
  }

  async #proofOf(
    { decider, options }: Approval,
    params: Deciding & { readonly hash: string },
  ): Promise<DecisionProof> {
    const { keys, sha256, person } = this.#needs;
    const { hostKey: host, device } = keys.grant;
    const text = decisionText(decisionOf(params, { host, device, call: params.hash }));
    const signature = toBase64url(await keys.sign(text));
    // Nobody has to prove anything to refuse.
    if (decider?.fresh !== true || refuses(options, params)) return { signature };
    if (person === undefined)
      throw new Error(
        'A rule asks for a check of the person here, and this device has no passkey. Nothing was decided.',
      );
    const challenge = toBase64url(sha256(new TextEncoder().encode(text)));
    return { signature, fresh: await person(challenge) };
  }

  #hashOf(call: Call): string {
    let text: string;
    try {
      text = canonicalJson(call);
    } catch (error) {
      // Half a character, or nested beyond all measure: no text that two sides could agree on.
      throw new Error('This call cannot be signed. Decide it on the machine itself.', {
        cause: error,
      });
    }
    const bytes = this.#needs.sha256(new TextEncoder().encode(text));
    return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  }
}

function refuses(options: Approval['options'], params: Deciding): boolean {
  if ('answer' in params) return 'decline' in params.answer;
  const { choice } = params;
  if ('allow' in choice) return !choice.allow;
  const kind = options.find(({ optionId }) => optionId === choice.optionId)?.kind;
  return kind?.startsWith('reject') ?? false;
}
