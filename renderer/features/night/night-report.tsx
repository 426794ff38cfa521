import type { ReactNode } from 'react';
import type { NightReport } from '../../../src/protocol/night.ts';
import { en } from '../../strings/en.ts';
import { night as t } from '../../strings/night.ts';
import { Shown } from '../../ui/shown.tsx';
import { clockOf, spanOf } from '../../ui/time.ts';
import { Origin } from '../sessions/origin.tsx';
import './night.css';

/** What waits, what ran and what was refused. `cards`: those that still wait, to be decided here. */
export function NightReportView({
  report,
  nowMs,
  cards,
}: {
  readonly report: NightReport;
  readonly nowMs: number;
  readonly cards: ReactNode;
}) {
  const { since, ended, sessions, rules, refused } = report;
  const ran = sessions.filter(
    ({ completed, cutShort, allowed, refused: denied, workedMs }) =>
      completed + cutShort + allowed + denied + workedMs > 0,
  );
  return (
    <div className="night-report">
      <p className="night-range">
        {ended === null
          ? t.rangeOpen(clockOf(since, nowMs))
          : t.range(clockOf(since, nowMs), clockOf(ended, nowMs))}
      </p>
      <section aria-label={t.waits}>
        <h3>{t.waits}</h3>
        {cards}
      </section>
      <section aria-label={t.ran}>
        <h3>{t.ran}</h3>
        {ran.length === 0 ? (
          <p>{t.ranNone}</p>
        ) : (
          <ul role="list" className="night-list">
            {ran.map((session) => (
              <li key={session.sessionId}>
                <Origin sessionId={session.sessionId} title={session.title} />
                <dl className="night-facts">
                  <Fact name={t.columns.session}>{en.sessions.states[session.state]}</Fact>
                  <Fact name={t.columns.turns}>{t.turns(session.completed, session.cutShort)}</Fact>
                  <Fact name={t.columns.calls}>{t.calls(session.allowed, session.refused)}</Fact>
                  <Fact name={t.columns.worked}>{spanOf(session.workedMs)}</Fact>
                  <Fact name={t.columns.waited}>{spanOf(session.waitedMs)}</Fact>
                </dl>
              </li>
            ))}
          </ul>
        )}
      </section>
      <section aria-label={t.refused}>
        <h3>{t.refused}</h3>
        {refused.length === 0 ? (
          <p>{t.refusedNone}</p>
        ) : (
          <ul role="list" className="night-list">
            {refused.map(({ sessionId, title, rule, at }, i) => (
              <li key={`${sessionId} ${at} ${i}`}>
                <span>
                  <Shown text={title} />
                </span>
                <span className="night-soft">
                  {clockOf(at, nowMs)} · <Shown text={rule.text} />
                </span>
              </li>
            ))}
          </ul>
        )}
      </section>
      {rules.length > 0 && (
        <section aria-label={t.rules}>
          <h3>{t.rules}</h3>
          <ul role="list" className="night-list">
            {rules.map(({ rule, allowed, times }) => (
              <li key={`${rule.id} ${allowed}`}>
                <span className="code">
                  <Shown text={rule.text} />
                </span>
                <span className="night-soft">
                  {allowed ? t.allowed : t.denied}, {t.times(times)}
                </span>
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
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
