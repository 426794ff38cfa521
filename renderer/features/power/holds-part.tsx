import type { Hold, PowerState } from '../../../src/protocol/power.ts';
import { useWorld } from '../../state/host-context.tsx';
import { useMay } from '../../state/role.ts';
import { newCommandId } from '../../state/uuid.ts';
import { en } from '../../strings/en.ts';
import { power as t } from '../../strings/power.ts';
import { Button } from '../../ui/button.tsx';
import { Shown } from '../../ui/shown.tsx';
import { clockOf } from '../../ui/time.ts';
import { ActWords } from './act-words.tsx';
import { holdAge } from './power-times.ts';
import { Reasons } from './reasons.tsx';
import { useAct } from './use-act.ts';

interface HoldsProps {
  readonly power: PowerState;
  readonly nowMs: number;
  readonly toldMs: number;
}

/** Every reason to stay awake, with its age; those by hand can be let go. */
export function HoldsPart({ power, nowMs, toldMs }: HoldsProps) {
  const { link } = useWorld();
  const isOperator = useMay('operator');
  const act = useAct();
  const release = (id?: string): void =>
    act.run(async () => {
      const { released } = await link.call('power.release', {
        commandId: newCommandId(),
        ...(id !== undefined && { id }),
      });
      return t.holds.released(released);
    });
  const byHand = power.holds.filter(({ kind }) => kind === 'user').length;
  return (
    <section aria-label={t.holds.title}>
      <h3>{t.holds.title}</h3>
      {power.holds.length === 0 && <p>{t.holds.none}</p>}
      {power.heldBack.length > 0 && power.holds.length > 0 && (
        <div className="power-back">
          <p>{t.holds.heldBack}</p>
          <Reasons reasons={power.heldBack} />
        </div>
      )}
      {power.holds.length > 0 && (
        <ul role="list" className="power-holds">
          {power.holds.map((hold) => (
            <li key={hold.id}>
              <span className="power-hold-words">
                <Shown text={hold.reason} />
                <span className="power-soft">
                  <Shown text={holdWords(hold, nowMs, toldMs)} />
                </span>
              </span>
              {isOperator && hold.kind === 'user' && (
                <Button
                  look="quiet"
                  disabled={act.isBusy}
                  aria-label={t.holds.releaseThis(hold.reason)}
                  onClick={() => release(hold.id)}
                >
                  {t.holds.release}
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
      {isOperator && byHand > 1 && (
        <div className="power-acts">
          <Button look="quiet" disabled={act.isBusy} onClick={() => release()}>
            {t.holds.releaseAll}
          </Button>
        </div>
      )}
      <ActWords act={act} />
    </section>
  );
}

function holdWords(hold: Hold, nowMs: number, toldMs: number): string {
  const { kind, until, lid, by } = hold;
  return [
    `${t.holds.kinds[kind]} ${t.holds.since(holdAge(hold, toldMs))}`,
    until === null ? '' : t.holds.until(clockOf(until, nowMs)),
    lid ? t.holds.withLid : '',
    by === undefined ? '' : t.holds.by(en.app.by(by)),
  ]
    .filter(Boolean)
    .join(', ');
}
