import { errors } from '@nats-io/transport-node';

/** Why a server cannot be used, for the person who runs it; without the name of the server. */
export function dialProblem(error: unknown): string {
  if (error instanceof errors.AuthorizationError)
    return 'it does not let this relay in: are the name and password, or the creds file, right?';
  if (error instanceof errors.UserAuthenticationExpiredError)
    return 'the creds file has expired: write a new one in its place.';
  if (error instanceof errors.TimeoutError) return 'it does not answer: does it hang?';
  const code = codeOf(error);
  if (code === 'ECONNREFUSED') return 'nobody listens there: does it run?';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'there is no such name.';
  if (code.startsWith('ERR_SSL') || code === 'EPROTO')
    return `TLS fails (${code}): does it want a certificate of this relay? See --nats-cert.`;
  if (code.includes('CERT') || code.includes('SIGNATURE') || code.includes('ALTNAME'))
    return `its certificate is not believed (${messageOf(error)}): which authority signed it? See --nats-ca.`;
  return `${messageOf(error)}.`;
}

/** Of the innermost cause that has one. */
function codeOf(error: unknown): string {
  let code = '';
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1)
    if ('code' in at && typeof at.code === 'string') ({ code } = at);
  return code;
}

function messageOf(error: unknown): string {
  return error instanceof Error && error.message !== '' ? error.message : 'the connection ended';
}
