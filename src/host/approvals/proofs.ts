import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import type { Logger } from '../../base/log.ts';
import type { DecisionProof } from '../../protocol/approval-methods.ts';
import { decisionOf, decisionText, type Deciding } from '../../protocol/approval/decision.ts';
import { ROLES, type Role } from '../../protocol/devices.ts';
import type { DeviceId } from '../../protocol/relay.ts';

/** Who decides, as they came in; see `SurfaceConnection`. */
export interface DecidingSurface {
  /** As it named itself; "by" in the history. */
  readonly surface: string;
  readonly role: Role;
  /** null: a surface of this machine. */
  readonly device: { readonly id: DeviceId } | null;
}

/** What the host knows of a device that decides. */
export interface KnownDevice {
  readonly role: Role;
  /** ECDSA P-256, uncompressed point, base64url. */
  readonly signingKey: string;
  /** Whose it is. */
  readonly person?: string | undefined;
}

export interface ProofsNeeds {
  /** null: it is not paired, or no more. */
  device(id: DeviceId): KnownDevice | null;
  /** The host's Ed25519 key, base64url. */
  hostKey(): string;
  /** Whether the device's person proved to be there, for this text and no other. */
  isFresh(device: DeviceId, text: string, response: Record<string, unknown>): Promise<boolean>;
  readonly logger: Logger;
}

/** A decision as it was sent. */
export type Sent = Deciding & { readonly hash: string; readonly proof?: DecisionProof | undefined };

/** What a decision must prove. */
export interface Wanted {
  readonly role: Role;
  readonly fresh: boolean;
}

/** Who it was, beyond doubt. */
export interface Proven {
  readonly person?: string;
  readonly fresh?: boolean;
}

const UNCOMPRESSED_POINT = 4;

/**
 * Whether whoever sends a decision may make it. A surface of this machine proves nothing, and is
 * there: what protects it is the machine's own lock. A device signs each decision, and proves its
 * person where a rule asks for that.
 */
export class Proofs {
  readonly #needs: ProofsNeeds;

  constructor(needs: ProofsNeeds) {
    this.#needs = needs;
  }

  /**
   * null: it may not; the log says why. Never throws for what was sent. Only a check of the person
   * takes its time: all others are decided on in the order in which they came.
   */
  check(sent: Sent, by: DecidingSurface, wanted: Wanted): Proven | null | Promise<Proven | null> {
    if (by.device === null)
      return hasRole(by.role, wanted.role) ? {} : this.#refuse(sent, by, 'its role');
    const { id } = by.device;
    const known = this.#needs.device(id);
    if (known === null) return this.#refuse(sent, by, 'it is not paired');
    // The role may have changed since it connected.
    if (!hasRole(by.role, wanted.role) || !hasRole(known.role, wanted.role))
      return this.#refuse(sent, by, 'its role');
    if (sent.proof === undefined) return this.#refuse(sent, by, 'it is not signed');
    const text = this.#textOf(sent, id);
    if (text === null || !isSignedBy(known.signingKey, text, sent.proof.signature))
      return this.#refuse(sent, by, 'its signature');
    const { person } = known;
    const who = person === undefined ? {} : { person };
    if (!wanted.fresh) return who;
    return this.#isFresh(id, text, sent.proof).then((isFresh) =>
      isFresh
        ? { ...who, fresh: true }
        : this.#refuse(sent, by, 'its person did not prove to be there'),
    );
  }

  /** null where no text can be made of what was sent. */
  #textOf(sent: Sent, device: DeviceId): string | null {
    try {
      return decisionText(
        decisionOf(sent, { host: this.#needs.hostKey(), device, call: sent.hash }),
      );
    } catch (error) {
      this.#needs.logger.debug({ err: error }, 'no text can be made of a decision');
      return null;
    }
  }

  async #isFresh(device: DeviceId, text: string, { fresh }: DecisionProof): Promise<boolean> {
    if (fresh === undefined) return false;
    try {
      return await this.#needs.isFresh(device, text, fresh);
    } catch (error) {
      this.#needs.logger.warn({ device, err: error }, 'a check of a person failed');
      return false;
    }
  }

  #refuse({ approvalId }: Sent, { surface, device }: DecidingSurface, why: string): null {
    this.#needs.logger.warn(
      { approvalId, surface, device: device?.id, why },
      'a decision was not allowed',
    );
    return null;
  }
}

function hasRole(role: Role, least: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(least);
}

/** ECDSA P-256 with SHA-256, r ‖ s. False for whatever is no key or no signature. */
function isSignedBy(signingKey: string, text: string, signature: string): boolean {
  try {
    const key = { key: publicKeyOf(signingKey), dsaEncoding: 'ieee-p1363' } as const;
    return verify('sha256', Buffer.from(text, 'utf8'), key, Buffer.from(signature, 'base64url'));
  } catch {
    return false;
  }
}

function publicKeyOf(signingKey: string): KeyObject {
  const point = Buffer.from(signingKey, 'base64url');
  if (point[0] !== UNCOMPRESSED_POINT) throw new Error('Not an uncompressed point.');
  const x = point.subarray(1, 33).toString('base64url');
  const y = point.subarray(33).toString('base64url');
  return createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' });
}
