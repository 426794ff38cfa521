import { useHost } from '../../state/host-context.tsx';
import { useMay } from '../../state/role.ts';
import { openOverlay } from '../../state/view-store.ts';
import { night as t } from '../../strings/night.ts';
import { Button } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { clockOf } from '../../ui/time.ts';
import { useNow } from '../../ui/use-now.ts';
import { withKeys } from '../keyboard/platform.ts';
import { EndNight } from './end-night.tsx';
import '../../ui/strip.css';
import './night.css';

const CLOCK_EVERY_MS = 60_000;

/** That it is night, on every screen; and how it ends. */
export function NightStrip() {
  const night = useHost((host) => host.night);
  const isOperator = useMay('operator');
  const nowMs = useNow(CLOCK_EVERY_MS);
  if (night === undefined || night === null) return null;
  return (
    <div className="strip" role="status">
      <Icon name="moon" />
      <p>
        {t.on(clockOf(night.since, nowMs))}{' '}
        {night.until !== null && `${t.endsAt(clockOf(night.until, nowMs))} `}
        {t.stripBody}
      </p>
      <div className="night-acts">
        <Button look="quiet" onClick={() => openOverlay({ name: 'night' })} {...withKeys('night')}>
          {t.soFar}
        </Button>
        {isOperator && <EndNight />}
      </div>
    </div>
  );
}
