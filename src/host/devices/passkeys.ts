import { createHash, randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import { z } from 'zod';
import type { Logger } from '../../base/log.ts';
import { RpcFailure } from '../../protocol/errors.ts';
import type { DeviceId } from '../../protocol/relay.ts';
import type { DeviceRecord, Passkey } from './device-record.ts';

/** As long as somebody takes to find their finger. */
const OPTIONS_LIMIT_MS = 300_000;
const PROMPT_MS = 120_000;
const CHALLENGE_BYTES = 32;
/** COSE: ES256 and RS256, which every authenticator has one of. */
const ALGORITHMS = [-7, -257];

const text = z.string().max(64 * 1024);
const credential = { id: text, rawId: text, type: z.literal('public-key') };
const registrationSchema = z.object({
  ...credential,
  response: z.object({ clientDataJSON: text, attestationObject: text }),
});
const assertionSchema = z.object({
  ...credential,
  response: z.object({ clientDataJSON: text, authenticatorData: text, signature: text }),
});

/** Loaded when a passkey is made or used: a host without any pays nothing for it. */
async function webAuthn() {
  const [server, helpers] = await Promise.all([
    import('@simplewebauthn/server'),
    import('@simplewebauthn/server/helpers'),
  ]);
  return { ...server, ...helpers };
}

export interface PasskeysNeeds {
  readonly book: {
    find(id: DeviceId): DeviceRecord | null;
    setPasskey(id: DeviceId, passkey: Passkey | null): DeviceRecord;
  };
  readonly owner: string;
  readonly logger: Logger;
  readonly steadyMs: () => number;
  now(): Date;
  /** Runs a change of the book in the name of the device: see `DeviceAudit.as`. */
  as<T>(this: void, by: string, change: () => T): T;
}

/** A registration under way: what its answer must be about. */
interface Asked {
  readonly challenge: string;
  readonly origin: string;
  readonly rpId: string;
  readonly untilMs: number;
}

/** What proves that the person of a device is there: WebAuthn with user verification, one passkey each. */
export class Passkeys {
  readonly #needs: PasskeysNeeds;
  readonly #asked = new Map<DeviceId, Asked>();

  constructor(needs: PasskeysNeeds) {
    this.#needs = needs;
  }

  /** PublicKeyCredentialCreationOptionsJSON for a page of `origin`. */
  async options(id: DeviceId, origin: string): Promise<Record<string, unknown>> {
    const { owner, steadyMs } = this.#needs;
    const { name, person = owner } = this.#without(id);
    const rpId = siteOf(origin);
    const challenge = randomBytes(CHALLENGE_BYTES);
    const { generateRegistrationOptions } = await webAuthn();
    const options = await generateRegistrationOptions({
      rpName: 'Porchlight',
      rpID: rpId,
      userName: `${person}, ${name}`,
      userDisplayName: `${person}, ${name}`,
      userID: plain(Buffer.from(id, 'base64url')),
      challenge: plain(challenge),
      timeout: PROMPT_MS,
      attestationType: 'none',
      authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
      supportedAlgorithmIDs: ALGORITHMS,
    });
    this.#asked.set(id, {
      ...{ challenge: challenge.toString('base64url'), origin, rpId },
      untilMs: steadyMs() + OPTIONS_LIMIT_MS,
    });
    return { ...options };
  }

  /** The browser's RegistrationResponseJSON. Throws `refused` in words when it does not fit. */
  async register(id: DeviceId, by: string, given: Record<string, unknown>): Promise<void> {
    const { book, logger, steadyMs, now, as } = this.#needs;
    this.#without(id);
    const asked = this.#asked.get(id);
    // Each challenge is good once, whatever becomes of it.
    this.#asked.delete(id);
    if (asked === undefined || steadyMs() > asked.untilMs)
      throw new RpcFailure('refused', 'That took too long: set the passkey up again.');
    let made;
    try {
      made = await registered(given, asked);
    } catch (error) {
      logger.warn({ err: error, device: id }, 'a passkey was not accepted');
      throw new RpcFailure('refused', `The passkey was not accepted: ${messageOf(error)}`);
    }
    // Revoked, or registered from another page, meanwhile.
    this.#without(id);
    const { origin, rpId } = asked;
    as(by, () => book.setPasskey(id, { ...made, origin, rpId, registeredAt: now().toISOString() }));
  }

  /** PublicKeyCredentialRequestOptionsJSON without its challenge, which is the decision's. */
  request(id: DeviceId): Record<string, unknown> {
    const passkey = this.#known(id).passkey;
    if (passkey === undefined)
      throw new RpcFailure('refused', 'This device has no passkey: set one up in its settings.');
    return {
      rpId: passkey.rpId,
      allowCredentials: [{ id: passkey.credential, type: 'public-key' }],
      userVerification: 'required',
      timeout: PROMPT_MS,
    };
  }

  /**
   * Whether the person of the device was there for `decision` (its `decisionText`) and no other:
   * the challenge is its hash, made by the registered passkey on the page where it was registered.
   */
  async verify(
    id: DeviceId,
    decision: string,
    assertion: Record<string, unknown>,
  ): Promise<boolean> {
    const { book, logger } = this.#needs;
    const passkey = book.find(id)?.passkey;
    if (passkey === undefined) return false;
    try {
      const counter = await proven(assertion, passkey, challengeOf(decision));
      // Another proof may have been checked meanwhile: where the authenticator counts, it must go up.
      const now = book.find(id)?.passkey;
      if (now?.credential !== passkey.credential) return false;
      if (counter === 0 && now.counter === 0) return true;
      if (counter <= now.counter) return false;
      book.setPasskey(id, { ...now, counter });
      return true;
    } catch (error) {
      logger.warn({ err: error, device: id }, 'a proof that its person is there does not hold');
      return false;
    }
  }

  #known(id: DeviceId): DeviceRecord {
    const device = this.#needs.book.find(id);
    if (device === null) throw new RpcFailure('notFound', 'This device is not paired any more.');
    return device;
  }

  #without(id: DeviceId): DeviceRecord {
    const device = this.#known(id);
    if (device.passkey === undefined) return device;
    throw new RpcFailure(
      'refused',
      `This device has a passkey already. To replace it, remove that one on the host first: porchlight devices remove-passkey '${device.name}'`,
    );
  }
}

async function registered(
  given: Record<string, unknown>,
  { challenge, origin, rpId }: Asked,
): Promise<Pick<Passkey, 'credential' | 'publicKey' | 'counter'>> {
  const response = registrationSchema.parse(given);
  const { verifyRegistrationResponse, decodeAttestationObject, isoBase64URL } = await webAuthn();
  // None was asked for; and to look into one, certificates would be fetched from where it says.
  const attested = decodeAttestationObject(
    isoBase64URL.toBuffer(response.response.attestationObject),
  );
  if (attested.get('fmt') !== 'none' && attested.get('attStmt').get('x5c') !== undefined)
    throw new Error('it comes with certificates, which were not asked for.');
  const { verified, registrationInfo } = await verifyRegistrationResponse({
    response: { ...response, clientExtensionResults: {} },
    expectedChallenge: challenge,
    expectedOrigin: origin,
    expectedRPID: rpId,
    requireUserVerification: true,
    supportedAlgorithmIDs: ALGORITHMS,
  });
  if (!verified) throw new Error('its signature does not hold.');
  const { id, publicKey, counter } = registrationInfo.credential;
  return { credential: id, publicKey: isoBase64URL.fromBuffer(publicKey), counter };
}

/** The authenticator's counter. Throws where the assertion does not hold. */
async function proven(
  given: Record<string, unknown>,
  passkey: Passkey,
  challenge: string,
): Promise<number> {
  const response = assertionSchema.parse(given);
  if (response.id !== passkey.credential) throw new Error('It is another passkey.');
  const { verifyAuthenticationResponse, isoBase64URL } = await webAuthn();
  const { verified, authenticationInfo } = await verifyAuthenticationResponse({
    response: { ...response, clientExtensionResults: {} },
    expectedChallenge: challenge,
    expectedOrigin: passkey.origin,
    expectedRPID: passkey.rpId,
    requireUserVerification: true,
    credential: {
      id: passkey.credential,
      publicKey: isoBase64URL.toBuffer(passkey.publicKey),
      counter: passkey.counter,
    },
  });
  if (!verified) throw new Error('Its signature does not hold.');
  return authenticationInfo.newCounter;
}

/** WebAuthn's challenge for a decision. */
export function challengeOf(decision: string): string {
  return createHash('sha256').update(decision, 'utf8').digest('base64url');
}

/** The site (RP ID) of a page. Throws in words where WebAuthn knows none. */
function siteOf(origin: string): string {
  const { protocol, hostname, origin: itsOrigin } = new URL(origin);
  if (itsOrigin !== origin)
    throw new RpcFailure('refused', `${origin} is not an origin, such as https://phone.example.`);
  const isAddress = isIP(hostname) !== 0 || hostname.startsWith('[');
  if (isAddress)
    throw new RpcFailure(
      'refused',
      `Browsers make no passkeys for addresses such as ${hostname}: open the page by a name, over https.`,
    );
  if (protocol === 'https:' || (protocol === 'http:' && hostname === 'localhost')) return hostname;
  throw new RpcFailure(
    'refused',
    `Browsers make passkeys only on pages over https, and this one is ${origin}.`,
  );
}

function plain(bytes: Buffer): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}

function messageOf(error: unknown): string {
  if (error instanceof z.ZodError) return 'it is not what a browser gives.';
  return error instanceof Error ? error.message : String(error);
}
