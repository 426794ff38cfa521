import {
  startAuthentication,
  startRegistration,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/browser';
import type { MethodName, Params, Result } from '../../../src/protocol/methods.ts';
import { passkey as words } from '../../strings/phone-passkey.ts';

// Loaded when somebody sets a passkey up or is asked for it.

/** As much of a host's link as this needs. */
export interface PasskeyHost {
  call<M extends MethodName>(method: M, params: Params<M>): Promise<Result<M>>;
}

export type PasskeyPage = Pick<Window, 'isSecureContext'> & {
  readonly location: Pick<Location, 'origin' | 'hostname'>;
  readonly PublicKeyCredential?: unknown;
};

/** Why this page can have no passkey, in words; null when it can. */
export function passkeyObstacle(page: PasskeyPage): string | null {
  if (!page.isSecureContext) return words.insecure;
  return page.PublicKeyCredential === undefined ? words.unsupported : null;
}

/** Makes a passkey on this phone and has the host remember it. Fails in words. */
export async function registerPasskey(host: PasskeyHost, page: PasskeyPage): Promise<void> {
  refuseWithout(page);
  const { options } = await host.call('passkey.options', { origin: page.location.origin });
  // The host made them as WebAuthn L3 §5.4 says; the browser refuses what is not so.
  const optionsJSON = options as unknown as PublicKeyCredentialCreationOptionsJSON;
  const response = await inWords(page, async () => await startRegistration({ optionsJSON }));
  await host.call('passkey.register', { response: { ...response } });
}

/** Has the person prove to be there, for this challenge and no other. Fails in words. */
export async function checkPerson(
  host: PasskeyHost,
  page: PasskeyPage,
  challenge: string,
): Promise<Record<string, unknown>> {
  try {
    refuseWithout(page);
    const { options } = await host.call('passkey.request', {});
    // As above, without the challenge.
    const rest = options as unknown as Omit<PublicKeyCredentialRequestOptionsJSON, 'challenge'>;
    const optionsJSON = { ...rest, challenge };
    return { ...(await inWords(page, async () => await startAuthentication({ optionsJSON }))) };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(words.nothingDecided(why), { cause: error });
  }
}

function refuseWithout(page: PasskeyPage): void {
  const obstacle = passkeyObstacle(page);
  if (obstacle !== null) throw new Error(obstacle);
}

async function inWords<T>(page: PasskeyPage, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw new Error(failureWords(error, page.location.hostname), { cause: error });
  }
}

/** WebAuthn L3 §5.1.3 and §5.1.4 say which of their names means what. */
export function failureWords(error: unknown, hostname: string): string {
  switch (nameOf(error)) {
    case 'NotAllowedError':
    case 'AbortError':
    case 'TimeoutError':
      return words.cancelled;
    case 'InvalidStateError':
      return words.alreadyThere;
    case 'SecurityError':
      return words.wrongSite(hostname);
    case 'ConstraintError':
    case 'NotSupportedError':
      return words.noAuthenticator;
    default:
      return words.failed(error instanceof Error ? error.message : String(error));
  }
}

/** The browser's own name for it, which the library may have wrapped. */
function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  return error.cause instanceof Error ? error.cause.name : error.name;
}
