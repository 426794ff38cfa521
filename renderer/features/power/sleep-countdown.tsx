import type { PowerState } from '../../../src/protocol/power.ts';
import { useHost, useWorld } from '../../state/host-context.tsx';
import { useMay } from '../../state/role.ts';
import { newCommandId } from '../../state/uuid.ts';
import { power as t } from '../../strings/power.ts';
import { Button } from '../../ui/button.tsx';
import { useNow } from '../../ui/use-now.ts';
import { ActWords } from './act-words.tsx';
import { secondsToSleep } from './power-times.ts';
import { useAct } from './use-act.ts';
import { sinceTold } from './use-power.ts';
import '../../ui/strip.css';
import './power.css';

/** On every screen: the machine is about to be put to sleep, and how that is called off. */
export function SleepStrip() {
  const power = useHost((host) => host.power);
  const isUp = useHost((host) => host.link.kind === 'up');
  if (!isUp || power === null || power.sleepsAt === null) return null;
  return (
    <div className="strip lid-strip" role="alert">
      <SleepCountdown key={power.sleepsAt} power={power} />
    </div>
  );
}

/** A screen reader is told once that it begins, not each second. */
export function SleepCountdown({ power }: { readonly power: PowerState }) {
  const { link } = useWorld();
  const isOperator = useMay('operator');
  const act = useAct();
  const nowMs = useNow(1_000);
  const left = secondsToSleep(power, nowMs, sinceTold(power, nowMs)) ?? 0;
  return (
    <div className="power-sleeps">
      <p role="timer">{left > 0 ? t.sleep.about(left) : t.sleep.now}</p>
      {isOperator && (
        <Button
          look="decide"
          disabled={act.isBusy}
          onClick={() =>
            act.run(async () => {
              await link.call('power.sleepWhenDone', { commandId: newCommandId(), on: false });
              return null;
            })
          }
        >
          {t.sleep.callOff}
        </Button>
      )}
      <ActWords act={act} />
    </div>
  );
}
