import { useMemo } from 'react';
import { useHost } from '../../state/host-context.tsx';
import { useMay } from '../../state/role.ts';
import { night as t } from '../../strings/night.ts';
import { Shown } from '../../ui/shown.tsx';
import { useNow } from '../../ui/use-now.ts';
import { ApprovalCard } from '../approvals/approval-card.tsx';
import type { DiffPart } from '../approvals/card-props.ts';
import { useDeskCards } from '../approvals/desk-cards.ts';
import { BatchBar } from '../batch/batch-bar.tsx';
import { Origin } from '../sessions/origin.tsx';
import { NightReportView } from './night-report.tsx';
import { StartNight } from './start-night.tsx';
import { useNightReport } from './use-night.ts';
import './night.css';

const CLOCK_EVERY_MS = 60_000;

/** The night: how it is started, and the page of the morning after. */
export function NightView({ Diff }: { readonly Diff: DiffPart }) {
  const night = useHost((host) => host.night);
  const isOperator = useMay('operator');
  const nowMs = useNow(CLOCK_EVERY_MS);
  const { report, failure } = useNightReport();
  return (
    <div className="night">
      {failure !== null && (
        <p className="field-problem" role="alert">
          {t.failed} <Shown text={failure} />
        </p>
      )}
      {report === undefined && failure === null && <p role="status">{t.loading}</p>}
      {report === null && <p className="night-soft">{t.none}</p>}
      {report != null && (
        <NightReportView report={report} nowMs={nowMs} cards={<Waiting Diff={Diff} />} />
      )}
      {night === null && isOperator && (
        <section aria-label={t.start}>
          {report != null && <h3>{t.again}</h3>}
          <StartNight />
        </section>
      )}
    </div>
  );
}

/** All that is open now: whatever came in the night and was decided since is gone from here. */
function Waiting({ Diff }: { readonly Diff: DiffPart }) {
  const approvals = useHost((host) => host.approvals);
  const sessions = useHost((host) => host.sessions);
  const agents = useHost((host) => host.agents);
  const cards = useDeskCards(approvals);
  const names = useMemo(() => new Map(agents?.map(({ id, name }) => [id, name])), [agents]);
  if (cards.list.length === 0) return <p>{t.waitsNone}</p>;
  return (
    <div className="night-cards">
      <BatchBar approvals={approvals} />
      {cards.list.map(({ approval, ending }) => {
        const session = sessions.find(({ id }) => id === approval.sessionId);
        const agent = approval.agent ?? session?.agent ?? '';
        return (
          <ApprovalCard
            key={approval.id}
            approval={approval}
            ending={ending}
            agent={names.get(agent) ?? agent}
            cwd={session?.cwd}
            Diff={Diff}
            mayDecide={cards.mayDecide}
            onSettled={cards.onSettled}
            origin={
              session !== undefined && <Origin sessionId={session.id} title={session.title} />
            }
          />
        );
      })}
    </div>
  );
}
