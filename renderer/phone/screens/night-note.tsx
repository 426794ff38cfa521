import { useHost } from '../../state/host-context.tsx';
import { phone } from '../../strings/phone.ts';
import { Icon } from '../../ui/icon.tsx';
import { clockOf } from '../../ui/time.ts';
import { useNow } from '../../ui/use-now.ts';
import { useRouter } from '../shell/router-context.ts';

const t = phone.night;
const CLOCK_EVERY_MS = 60_000;

/** On the first screen while it is night, and after it until its page was looked at; one tap away. */
export function NightNote() {
  const router = useRouter();
  const night = useHost((host) => host.night);
  const morning = useHost((host) => host.morning);
  const nowMs = useNow(CLOCK_EVERY_MS);
  const clock = (at: string): string => clockOf(at, nowMs);
  const isNight = night !== undefined && night !== null;
  if (!isNight && morning === null) return null;
  const words = isNight
    ? [t.since(clock(night.since)), night.until !== null && t.until(clock(night.until))]
    : [t.over(clock(morning ?? ''))];
  return (
    <button type="button" className="night-note" onClick={() => router.go({ name: 'night' })}>
      <Icon name="moon" />
      <span>
        {words.filter(Boolean).join(' ')}
        <span className="host-under">{isNight ? t.soFar : t.look}</span>
      </span>
      <Icon name="chevron" />
    </button>
  );
}
