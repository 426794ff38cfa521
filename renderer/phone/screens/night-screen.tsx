import { FoldedDiff } from '../../features/diff/folded-diff.tsx';
import { EndNight } from '../../features/night/end-night.tsx';
import { NightView } from '../../features/night/night-view.tsx';
import { useHost } from '../../state/host-context.tsx';
import { useMay } from '../../state/role.ts';
import { night as t } from '../../strings/night.ts';
import { later } from '../../strings/phone-later.ts';
import { Icon } from '../../ui/icon.tsx';
import { clockOf } from '../../ui/time.ts';
import { useNow } from '../../ui/use-now.ts';
import { Screen } from '../shell/screen.tsx';
import './more.css';

const CLOCK_EVERY_MS = 60_000;

/** The night: begin it, end it, and the page of the morning after. */
export function NightScreen() {
  const isUp = useHost((host) => host.link.kind === 'up');
  const isOperator = useMay('operator');
  return (
    <Screen title={t.title}>
      <Now />
      {!isUp && (
        <p className="soft" role="status">
          {later.night.needsLink}
        </p>
      )}
      {/* The parts of the report are of the third level, as below a dialog's title. */}
      <h2 className="unseen">{t.morning}</h2>
      <NightView Diff={FoldedDiff} />
      {!isOperator && <p className="soft">{later.night.needsOperator}</p>}
    </Screen>
  );
}

/** That it is night, and how it ends. */
function Now() {
  const night = useHost((host) => host.night);
  const isOperator = useMay('operator');
  const nowMs = useNow(CLOCK_EVERY_MS);
  if (night === undefined || night === null) return null;
  return (
    <section className="night-now" role="status">
      <p>
        <Icon name="moon" /> {t.on(clockOf(night.since, nowMs))}{' '}
        {night.until !== null && `${t.endsAt(clockOf(night.until, nowMs))} `}
        {t.stripBody}
      </p>
      {isOperator && <EndNight />}
    </section>
  );
}
