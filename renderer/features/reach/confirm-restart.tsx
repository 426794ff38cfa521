import type { SessionId } from '../../../src/protocol/ids.ts';
import { useWorld } from '../../state/host-context.tsx';
import { reach as t } from '../../strings/reach.ts';
import { Confirm } from '../sessions/session-dialogs.tsx';

export function ConfirmRestart({ sessionId }: { readonly sessionId: SessionId }) {
  const { acts } = useWorld();
  return (
    <Confirm
      title={t.restartAsk}
      body={t.restartBody}
      keep={t.restartKeep}
      act={t.restart}
      onAct={() => void acts.live(sessionId, 'restart')}
    />
  );
}
