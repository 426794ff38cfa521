import { PowerView } from '../../features/power/power-view.tsx';
import { power as t } from '../../strings/power.ts';
import { phone } from '../../strings/phone.ts';
import { phoneReach } from '../../strings/phone-reach.ts';
import { Button } from '../../ui/button.tsx';
import { usePhone } from '../phone-world.ts';
import { agoWords } from '../shell/link-words.ts';
import { useRouter } from '../shell/router-context.ts';
import { Screen } from '../shell/screen.tsx';
import { useLinkWords } from '../shell/use-link-words.ts';
import { WayLegs } from './way-legs.tsx';
import './more.css';
import './power-screen.css';

const AGE_EVERY_MS = 5_000;

/** What holds the machine awake, whether its lid may be closed, and the way to it. */
export function PowerScreen() {
  const router = useRouter();
  const { words, nowMs } = useLinkWords(AGE_EVERY_MS);
  const cachedAtMs = usePhone((state) => state.cachedAtMs);
  const heardAtMs = usePhone(({ facts }) => facts.heardAtMs);
  const seen = words.kind === 'live' ? null : agoWords(cachedAtMs ?? heardAtMs, nowMs);
  return (
    <Screen title={t.title}>
      {/* The parts are of the third level, as below a dialog's title. */}
      <h2 className="unseen">{phone.machine.title}</h2>
      <PowerView seen={seen} />
      <section className="part" aria-labelledby="way">
        <h2 id="way">{phone.machine.way}</h2>
        <WayLegs />
        <Button onClick={() => router.go({ name: 'reach' })}>{phoneReach.open}</Button>
      </section>
    </Screen>
  );
}
