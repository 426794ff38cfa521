import type { ReactNode } from 'react';
import type { PowerState } from '../../../src/protocol/power.ts';
import { power as t } from '../../strings/power.ts';
import { Icon } from '../../ui/icon.tsx';
import { Shown } from '../../ui/shown.tsx';
import { Fix, Reasons } from './reasons.tsx';

interface LightProps {
  readonly power: PowerState;
  /** A light that was on when it was last seen is not on for that. */
  readonly isNow: boolean;
}

/** Whether the lid may be closed, why not, and what the system itself says of it. */
export function LightPart({ power, isNow }: LightProps) {
  const { idle, lid, battery, heat, lidClosed, safeToCloseLid } = power;
  return (
    <section aria-label={t.light.title}>
      <h3 className={safeToCloseLid && isNow ? 'power-safe' : undefined}>
        <Icon name={safeToCloseLid && isNow ? 'lid' : 'laptop'} /> {lidWords(power, isNow)}
      </h3>
      {safeToCloseLid ? isNow && <p>{t.light.safeBody}</p> : <Reasons reasons={power.reasons} />}
      <dl className="power-facts">
        <Effect name={t.light.idle} effect={{ ...idle, fix: null }} />
        <Effect name={t.light.lid} effect={lid} />
        {battery !== null && (
          <Fact name={t.light.battery}>
            {battery.onMains
              ? t.light.onMains(t.percent(battery.percent))
              : t.light.onBattery(t.percent(battery.percent))}
          </Fact>
        )}
        {heat !== null && <Fact name={t.light.heat}>{heatWords(heat)}</Fact>}
        {lidClosed !== null && (
          <Fact name={t.light.lidIs}>{lidClosed ? t.light.lidClosed : t.light.lidOpen}</Fact>
        )}
      </dl>
    </section>
  );
}

function lidWords({ safeToCloseLid, holds }: PowerState, isNow: boolean): string {
  if (safeToCloseLid) return isNow ? t.light.safe : t.light.wasSafe;
  return holds.length === 0 ? t.light.noWork : t.light.notSafe;
}

function heatWords({ celsius, level }: NonNullable<PowerState['heat']>): string {
  return [celsius === null ? '' : t.celsius(celsius), level === null ? '' : t.light.levels[level]]
    .filter(Boolean)
    .join(', ');
}

interface EffectProps {
  readonly name: string;
  readonly effect: Pick<PowerState['lid'], 'wanted' | 'effective' | 'reason' | 'fix'>;
}

/** What was asked of the system, and what it says it does. */
function Effect({ name, effect: { wanted, effective, reason, fix } }: EffectProps) {
  const words = !wanted
    ? t.light.notWanted
    : effective === null
      ? t.light.notKnown
      : effective
        ? t.light.inEffect
        : t.light.notInEffect;
  return (
    <Fact name={name}>
      <span className={wanted && effective === false ? 'power-wrong' : undefined}>{words}</span>
      {wanted && reason !== null && (
        <p>
          <Shown text={reason} />
        </p>
      )}
      {wanted && fix !== null && <Fix text={fix} />}
    </Fact>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
