import { isAtWork, sharedWith } from '../../../src/protocol/session/sharing.ts';
import type { SessionState } from '../../../src/protocol/session/state.ts';
import { useHost } from '../../state/host-context.tsx';
import { en } from '../../strings/en.ts';
import { Icon } from '../../ui/icon.tsx';

const t = en.workplace;

/** Both sessions of a shared folder say so: either may find files changed by the other. */
export function SharedBadge({ state }: { readonly state: SessionState }) {
  const sessions = useHost((host) => host.sessions);
  const others = sharedWith(state, sessions);
  if (others.length === 0 && !(state.shared && isAtWork(state))) return null;
  const words = t.badgeWith(others.map(({ title }) => title || en.sessions.untitled));
  return (
    <span className="shared-badge" title={words}>
      <Icon name="people" />
      <span className="shared-words">{t.badge}</span>
      <span className="unseen">. {words}</span>
    </span>
  );
}
