import type { LidReport, PowerState } from '../../../src/protocol/power.ts';
import { useHost } from '../../state/host-context.tsx';
import { phone } from '../../strings/phone.ts';
import { Icon } from '../../ui/icon.tsx';
import { Shown } from '../../ui/shown.tsx';
import { clockOf } from '../../ui/time.ts';
import { useNow } from '../../ui/use-now.ts';

const t = phone.lid;
const CLOCK_EVERY_MS = 60_000;

/** On every screen while the lid is closed on work that this may end, until it is opened. */
export function LidAlarm() {
  const report = useHost((host) => host.lidReport);
  const power = useHost((host) => host.power);
  const nowMs = useNow(CLOCK_EVERY_MS);
  const reason = power?.reasons.find(({ code }) => code !== 'noWork');
  return (
    <div role="alert" className="link-place">
      {report !== null && isAlarming(report, power) && (
        <div className="link-banner lid-alarm">
          <Icon name="alert" />
          <p>
            <strong>{t.closed(clockOf(report.closedAt, nowMs))}</strong> {t.means}{' '}
            {reason !== undefined && <Shown text={reason.text} />}
          </p>
        </div>
      )}
    </div>
  );
}

/** The light was off, is off still, and there is something to lose. */
export function isAlarming(report: LidReport, power: PowerState | null): boolean {
  if (report.openedAt !== null || report.wasSafe) return false;
  return power === null || (!power.safeToCloseLid && power.holds.length > 0);
}
