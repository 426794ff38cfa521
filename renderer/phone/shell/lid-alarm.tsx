import { useHost } from '../../state/host-context.tsx';
import { phone } from '../../strings/phone.ts';
import { Icon } from '../../ui/icon.tsx';
import { Shown } from '../../ui/shown.tsx';
import { clockOf } from '../../ui/time.ts';
import { useNow } from '../../ui/use-now.ts';
import { alarmingLid } from './alarming-lid.ts';

const t = phone.lid;
const CLOCK_EVERY_MS = 60_000;

/** On every screen while the lid is closed on work that this may end, until it is opened. */
export function LidAlarm() {
  const report = useHost((host) => host.lidReport);
  const power = useHost((host) => host.power);
  const nowMs = useNow(CLOCK_EVERY_MS);
  const alarm = alarmingLid(report, power);
  return (
    <div role="alert" className="link-place">
      {alarm !== null && (
        <div className="link-banner lid-alarm">
          <Icon name="alert" />
          <p>
            <strong>{t.closed(clockOf(alarm.closedAt, nowMs))}</strong> {t.means}{' '}
            {alarm.why !== null && <Shown text={alarm.why} />}
          </p>
        </div>
      )}
    </div>
  );
}
