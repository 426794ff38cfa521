import type { LidReport } from '../../../src/protocol/power.ts';
import { power as t } from '../../strings/power.ts';
import { Shown } from '../../ui/shown.tsx';
import { clockOf, roughSpanOf } from '../../ui/time.ts';
import { closedSpan } from './lid-words.ts';

interface LidReportProps {
  readonly report: LidReport;
  readonly nowMs: number;
}

/** What went on behind the closed lid: what ran, battery, heat, and why it slept if it did. */
export function LidReportView({ report, nowMs }: LidReportProps) {
  const { closedAt, openedAt, sessions, battery, hottest, slept, wasSafe } = report;
  const clock = (at: string): string => clockOf(at, nowMs);
  return (
    <div className="power-report">
      <p>
        {openedAt === null
          ? t.report.stillClosed(clock(closedAt))
          : t.report.closed(clock(closedAt), clock(openedAt), closedSpan(report))}
        {!wasSafe && ` ${t.report.wasNotSafe}`}
      </p>
      {sessions.length === 0 ? (
        <p>{t.report.ranNone}</p>
      ) : (
        <>
          <p>{t.report.ran(sessions.length)}</p>
          <ul className="power-ran">
            {sessions.map(({ sessionId, title, workedMs }) => (
              <li key={sessionId}>
                <Shown text={title} />, {roughSpanOf(workedMs)}
              </li>
            ))}
          </ul>
        </>
      )}
      <p>
        {[
          battery === null ? '' : t.report.battery(battery.from, battery.to),
          hottest === null ? '' : t.report.hottest(hottest.celsius, clock(hottest.at)),
          slept.length === 0 && openedAt !== null ? t.report.awake : '',
        ]
          .filter(Boolean)
          .join(' ')}
      </p>
      {slept.length > 0 && (
        <ul className="power-ran">
          {slept.map(({ from, to, why }) => (
            <li key={from}>
              <Shown text={t.report.slept(clock(from), clock(to), why)} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
