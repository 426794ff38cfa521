import type { SessionId } from '../../../src/protocol/ids.ts';
import { useHost, useWorld } from '../../state/host-context.tsx';
import { useMay } from '../../state/role.ts';
import { openOverlay } from '../../state/view-store.ts';
import { reach as t } from '../../strings/reach.ts';
import { Button } from '../../ui/button.tsx';

export interface StuckActsProps {
  readonly sessionId: SessionId;
  /** A turn is under way, which can be stopped. */
  readonly hasTurn: boolean;
}

/** The ways out of an agent that stands still; the harder one is asked about once more. */
export function StuckActs({ sessionId, hasTurn }: StuckActsProps) {
  const { acts } = useWorld();
  const isUp = useHost((host) => host.link.kind === 'up');
  const mayAct = useMay('operator');
  if (!mayAct) return null;
  return (
    <div className="stuck-acts">
      {hasTurn && (
        <Button
          disabled={!isUp}
          title={t.interruptHint}
          onClick={() => void acts.live(sessionId, 'cancel')}
        >
          {t.interrupt}
        </Button>
      )}
      <Button
        look="quiet"
        disabled={!isUp}
        onClick={() => openOverlay({ name: 'confirmRestart', sessionId })}
      >
        {t.restart}
      </Button>
    </div>
  );
}
