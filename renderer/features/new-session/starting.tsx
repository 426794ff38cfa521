import type { SessionId } from '../../../src/protocol/ids.ts';
import { useHost } from '../../state/host-context.tsx';
import { en } from '../../strings/en.ts';

const t = en.workplace;

/** How far a start has come: the new session is on the list before it has its worktree and agent. */
export function Starting({
  known,
  inWorktree,
}: {
  readonly known: ReadonlySet<SessionId>;
  readonly inWorktree: boolean;
}) {
  const state = useHost(
    (host) =>
      host.sessions.find(({ id, state: its }) => its === 'starting' && !known.has(id))
        ?.worktreeState,
  );
  const isMaking = inWorktree && (state === undefined || state === 'planned');
  const words = isMaking ? t.steps.worktree : t.steps.agent;
  return (
    <div className="starting" role="status">
      <progress aria-label={words} />
      <span>{words}</span>
    </div>
  );
}
