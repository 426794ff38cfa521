import type { SessionId } from '../../../src/protocol/ids.ts';
import { useHost } from '../../state/host-context.tsx';
import { en } from '../../strings/en.ts';
import { Icon } from '../../ui/icon.tsx';
import '../../ui/field.css';
import './workplace.css';

const t = en.workplace;

export interface ShareTickProps {
  /** Those that work there already. */
  readonly sessions: readonly SessionId[];
  readonly isShared: boolean;
  readonly onShare: (isShared: boolean) => void;
}

/** Two sessions in one folder only where the person says so, knowing which the other is. */
export function ShareTick({ sessions, isShared, onShare }: ShareTickProps) {
  const known = useHost((host) => host.sessions);
  const titles = sessions.map(
    (id) => known.find((session) => session.id === id)?.title || en.sessions.untitled,
  );
  return (
    <div className="share">
      <p role="status">
        <Icon name="people" /> {t.taken(titles)}
      </p>
      <label className="tick">
        <input
          type="checkbox"
          checked={isShared}
          onChange={(event) => onShare(event.target.checked)}
        />
        <span>{t.share}</span>
      </label>
    </div>
  );
}
