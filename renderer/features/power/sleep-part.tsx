import type { PowerState } from '../../../src/protocol/power.ts';
import { useWorld } from '../../state/host-context.tsx';
import { useMay } from '../../state/role.ts';
import { newCommandId } from '../../state/uuid.ts';
import { power as t } from '../../strings/power.ts';
import { ActWords } from './act-words.tsx';
import { SleepCountdown } from './sleep-countdown.tsx';
import { useAct } from './use-act.ts';
import { useChosen } from './use-chosen.ts';
import '../../ui/field.css';

/** The machine is put to sleep once all is done, with time to call it off. */
export function SleepPart({ power }: { readonly power: PowerState }) {
  const { link } = useWorld();
  const isOperator = useMay('operator');
  const act = useAct();
  const { shown, choose } = useChosen(power.sleepWhenDone);
  if (power.sleepsAt === null && !isOperator && !power.sleepWhenDone) return null;
  return (
    <section aria-label={t.sleep.title}>
      <h3>{t.sleep.title}</h3>
      {power.sleepsAt === null ? (
        <label className="tick">
          <input
            type="checkbox"
            checked={shown}
            disabled={act.isBusy || !isOperator}
            onChange={({ target: { checked: on } }) =>
              act.run(async () => {
                await choose(on, async () => {
                  await link.call('power.sleepWhenDone', { commandId: newCommandId(), on });
                });
                return null;
              })
            }
          />
          <span>{t.sleep.body}</span>
        </label>
      ) : (
        <SleepCountdown key={power.sleepsAt} power={power} />
      )}
      <ActWords act={act} />
    </section>
  );
}
