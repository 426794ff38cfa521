import type { SessionSummary } from '../../../src/protocol/session/state.ts';
import { Origin } from '../../features/sessions/origin.tsx';
import { ProblemView } from '../../features/transcript/problem-view.tsx';
import { useHost, useWorld } from '../../state/host-context.tsx';
import { useMay } from '../../state/role.ts';
import { en } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';

/** A session that failed or was cut short: why, and the way on for whom it is open to. */
export function Standstill({ session }: { readonly session: SessionSummary }) {
  const { acts } = useWorld();
  const mayAct = useMay('operator');
  const isUp = useHost((host) => host.link.kind === 'up');
  const isFailed = session.state === 'failed';
  return (
    <section
      className="still"
      aria-label={session.title || en.sessions.untitled}
      data-attends={session.id}
    >
      <Origin sessionId={session.id} title={session.title} />
      {isFailed && session.problem !== null ? (
        <ProblemView problem={session.problem} />
      ) : (
        <p>{session.problem?.message ?? en.standing.interruptedWhy}</p>
      )}
      <div className="still-acts">
        {mayAct && (
          <Button
            disabled={!isUp}
            onClick={() => void acts.live(session.id, isFailed ? 'resume' : 'continue')}
          >
            {isFailed ? en.app.tryAgain : en.standing.continue}
          </Button>
        )}
        <Button look="quiet" onClick={() => acts.show(session.id)}>
          {en.home.open}
        </Button>
      </div>
    </section>
  );
}
