import { useMay } from '../../state/role.ts';
import { power as t } from '../../strings/power.ts';
import { Shown } from '../../ui/shown.tsx';
import { useNow } from '../../ui/use-now.ts';
import { HoldForm } from './hold-form.tsx';
import { HoldsPart } from './holds-part.tsx';
import { LidReportView } from './lid-report.tsx';
import { LightPart } from './light-part.tsx';
import { PolicyPart } from './policy-part.tsx';
import { SetUpPart } from './set-up-part.tsx';
import { SleepPart } from './sleep-part.tsx';
import { useLidReport } from './use-lid-report.ts';
import { sinceTold, usePower } from './use-power.ts';
import './power.css';

const AGES_EVERY_MS = 5_000;

/**
 * All about staying awake, the same in the window and on the phone: what holds the machine, whether the lid may
 * be closed, and what a person can do about it. Parts have headings of the third level. `seen`: it was so
 * then, "4 min ago", and of now nothing is known; null: it is so.
 */
export function PowerView({ seen = null }: { readonly seen?: string | null }) {
  const { power: told, failure } = usePower();
  const isOperator = useMay('operator');
  const nowMs = useNow(AGES_EVERY_MS);
  const report = useLidReport();
  // A countdown that was told long ago is none.
  const power = told === null || seen === null ? told : { ...told, sleepsAt: null };
  return (
    <div className="power">
      {failure !== null && (
        <p className="field-problem" role="alert">
          {t.failed} <Shown text={failure} />
        </p>
      )}
      {power === null && failure === null && (
        <p role="status">{seen === null ? t.loading : t.unknown}</p>
      )}
      {power !== null && (
        <>
          {seen !== null && <p role="status">{t.asOf(seen)}</p>}
          {power.sleepsAt !== null && <SleepPart power={power} />}
          <LightPart power={power} isNow={seen === null} />
          {power.lid.setUp === 'needed' && <SetUpPart power={power} />}
          <HoldsPart
            power={power}
            nowMs={nowMs}
            toldMs={seen === null ? sinceTold(power, nowMs) : 0}
          />
          {isOperator && <HoldForm />}
          {power.sleepsAt === null && <SleepPart power={power} />}
          <PolicyPart policy={power.policy} />
          {power.lid.setUp === 'done' && <SetUpPart power={power} />}
          <section aria-label={t.report.title}>
            <h3>{t.report.title}</h3>
            {report === null ? (
              <p className="power-soft">{t.report.none}</p>
            ) : (
              <LidReportView report={report} nowMs={nowMs} />
            )}
          </section>
        </>
      )}
    </div>
  );
}
