import type { SessionId } from '../../../src/protocol/ids.ts';
import { Shown } from '../../ui/shown.tsx';
import { useWorld } from '../../state/host-context.tsx';
import { en } from '../../strings/en.ts';
import { Icon } from '../../ui/icon.tsx';
import './origin.css';

/** Which session a card is about, and the way there. */
export function Origin({
  sessionId,
  title,
}: {
  readonly sessionId: SessionId;
  readonly title: string;
}) {
  const { acts } = useWorld();
  return (
    <button type="button" className="origin" onClick={() => acts.show(sessionId)}>
      <Shown text={title || en.sessions.untitled} />
      <Icon name="chevron" />
    </button>
  );
}
