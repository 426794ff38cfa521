import type { PowerState } from '../../../src/protocol/power.ts';
import { useWorld } from '../../state/host-context.tsx';
import { useMay } from '../../state/role.ts';
import { newCommandId } from '../../state/uuid.ts';
import { power as t } from '../../strings/power.ts';
import { Button } from '../../ui/button.tsx';
import { useNow } from '../../ui/use-now.ts';
import { ActWords } from './act-words.tsx';
import { secondsToSleep } from './power-times.ts';
import { useAct, type Act } from './use-act.ts';
import { sinceTold } from './use-power.ts';
import '../../ui/field.css';

/** The machine is put to sleep once all is done, with time to call it off. */
export function SleepPart({ power }: { readonly power: PowerState }) {
  const { link } = useWorld();
  const isOperator = useMay('operator');
  const act = useAct();
  const set = (on: boolean): void =>
    act.run(async () => {
      await link.call('power.sleepWhenDone', { commandId: newCommandId(), on });
      return null;
    });
  if (power.sleepsAt === null && !isOperator && !power.sleepWhenDone) return null;
  return (
    <section aria-label={t.sleep.title}>
      <h3>{t.sleep.title}</h3>
      {power.sleepsAt === null ? (
        <label className="tick">
          <input
            type="checkbox"
            checked={power.sleepWhenDone}
            disabled={act.isBusy || !isOperator}
            onChange={({ target }) => set(target.checked)}
          />
          <span>{t.sleep.body}</span>
        </label>
      ) : (
        <Countdown power={power} act={act} onCallOff={isOperator ? () => set(false) : null} />
      )}
      <ActWords act={act} />
    </section>
  );
}

interface CountdownProps {
  readonly power: PowerState;
  readonly act: Act;
  /** null: this surface may not. */
  readonly onCallOff: (() => void) | null;
}

/** A screen reader is told once that it begins, not each second. */
function Countdown({ power, act, onCallOff }: CountdownProps) {
  const nowMs = useNow(1_000);
  const left = secondsToSleep(power, nowMs, sinceTold(power, nowMs)) ?? 0;
  return (
    <div className="power-sleeps">
      <p role="timer">{left > 0 ? t.sleep.about(left) : t.sleep.now}</p>
      {onCallOff !== null && (
        <Button look="decide" disabled={act.isBusy} onClick={onCallOff}>
          {t.sleep.callOff}
        </Button>
      )}
    </div>
  );
}
