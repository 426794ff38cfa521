import { useState } from 'react';
import { useWorld } from '../../state/host-context.tsx';
import { newCommandId } from '../../state/uuid.ts';
import { power as t } from '../../strings/power.ts';
import { Button } from '../../ui/button.tsx';
import { clockOf } from '../../ui/time.ts';
import { ActWords } from './act-words.tsx';
import { useAct } from './use-act.ts';
import '../../ui/field.css';

const HOUR_SEC = 3_600;
const CHOICES = [
  [t.hold.hour, HOUR_SEC],
  [t.hold.twoHours, 2 * HOUR_SEC],
  [t.hold.released, null],
] as const;

/** A person's own reason to stay awake. */
export function HoldForm() {
  const { link } = useWorld();
  const [lid, setLid] = useState(false);
  const act = useAct();
  const hold = (forSec: number | null): void =>
    act.run(async () => {
      const { hold: made } = await link.call('power.hold', {
        commandId: newCommandId(),
        lid,
        ...(forSec !== null && { forSec }),
      });
      return t.hold.held(made.until === null ? null : clockOf(made.until, Date.now()));
    });
  return (
    <section aria-label={t.hold.title}>
      <h3>{t.hold.title}</h3>
      <p className="power-soft">{t.hold.body}</p>
      <label className="tick">
        <input type="checkbox" checked={lid} onChange={({ target }) => setLid(target.checked)} />
        <span>{t.hold.lid}</span>
      </label>
      <div className="power-acts">
        {CHOICES.map(([words, forSec]) => (
          <Button key={words} disabled={act.isBusy} onClick={() => hold(forSec)}>
            {words}
          </Button>
        ))}
      </div>
      <ActWords act={act} />
    </section>
  );
}
