import {
  approvalIdSchema,
  sessionIdSchema,
  type ApprovalId,
  type SessionId,
} from '../protocol/ids.ts';
import { CliFailure } from './failure.ts';
import type { Cli } from './cli.ts';
import { ask } from './host/host-link.ts';
import { oneLine } from './output/text.ts';

/**
 * The session a person means: a whole id, or, outside `--json`, the beginning of exactly one. A
 * whole id goes to the host unchecked; it knows best whether it exists.
 */
export async function sessionIdOf(cli: Cli, given: string): Promise<SessionId> {
  const whole = sessionIdSchema.safeParse(given);
  if (whole.success) return whole.data;
  const unknown = `There is no session ${oneLine(given)}. List them with: porchlight ls --all`;
  if (cli.json) throw new CliFailure(unknown);
  const { sessions } = await ask(cli, 'session.list', { archived: true });
  return theOne(
    given,
    's_',
    sessions.map(({ id }) => id),
    unknown,
  );
}

/** The same for an approval; only open ones can be abbreviated. */
export async function approvalIdOf(cli: Cli, given: string): Promise<ApprovalId> {
  const whole = approvalIdSchema.safeParse(given);
  if (whole.success) return whole.data;
  const unknown = `There is no open approval ${oneLine(given)}. List them with: porchlight approvals`;
  if (cli.json) throw new CliFailure(unknown);
  const { approvals } = await ask(cli, 'approval.list', {});
  return theOne(
    given,
    'a_',
    approvals.map(({ id }) => id),
    unknown,
  );
}

function theOne<Id extends string>(
  given: string,
  prefix: string,
  ids: readonly Id[],
  unknown: string,
): Id {
  const start = given.startsWith(prefix) ? given : prefix + given;
  const matches = given === '' || given === prefix ? [] : ids.filter((id) => id.startsWith(start));
  const [match] = matches;
  if (match === undefined) throw new CliFailure(unknown);
  if (matches.length > 1)
    throw new CliFailure(`${oneLine(given)} is the beginning of several: ${matches.join(', ')}`);
  return match;
}
