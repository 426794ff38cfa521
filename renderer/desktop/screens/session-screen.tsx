import { useEffect } from 'react';
import type { SessionId } from '../../../src/protocol/ids.ts';
import { ApprovalDock } from '../../features/approvals/approval-dock.tsx';
import { DiffView } from '../../features/diff/diff-view.tsx';
import { Composer } from '../../features/composer/composer.tsx';
import { ModeAsk } from '../../features/sessions/mode-ask.tsx';
import { ModeDrift } from '../../features/sessions/mode-drift.tsx';
import { SessionHead } from '../../features/sessions/session-head.tsx';
import { PulseStrip } from '../../features/reach/pulse-strip.tsx';
import { Standing } from '../../features/standing/standing.tsx';
import { SidePanel } from '../../features/side/side-panel.tsx';
import { ProblemView } from '../../features/transcript/problem-view.tsx';
import { StatusLine } from '../../features/transcript/status-line.tsx';
import { Transcript } from '../../features/transcript/transcript.tsx';
import { useHost, useView, useWorld } from '../../state/host-context.tsx';
import { viewStore } from '../../state/view-store.ts';
import { en } from '../../strings/en.ts';
import { work } from '../../strings/work.ts';
import { Button } from '../../ui/button.tsx';

const t = en.session;

export function SessionScreen({ sessionId }: { readonly sessionId: SessionId }) {
  const { link } = useWorld();
  const open = useHost((host) => host.open);
  const sideOpen = useView((view) => view.sideOpen);
  useEffect(() => link.open(sessionId), [link, sessionId]);
  if (
    open === null ||
    open.sessionId !== sessionId ||
    open.phase === 'loading' ||
    open.state === null
  )
    return (
      <main className="main">
        {open?.phase === 'lost' ? (
          <div className="middle" role="alert">
            <h1>{t.lost}</h1>
            <p>{open.reason}</p>
            <Button onClick={() => link.open(sessionId)}>{en.app.tryAgain}</Button>
          </div>
        ) : (
          <div className="middle" role="status">
            <p className="middle-soft">{t.loading}</p>
          </div>
        )}
      </main>
    );
  const { state } = open;
  return (
    <>
      <main className="main">
        <SessionHead state={state} />
        <PulseStrip state={state} />
        <ModeAsk state={state} />
        <ModeDrift state={state} items={open.items} />
        {open.items.items.length === 0 && open.earlier === 0 ? (
          <div className="middle">
            <h2>{en.transcript.empty}</h2>
            <p className="middle-soft">{en.transcript.emptyBody}</p>
          </div>
        ) : (
          <Transcript key={sessionId} open={open} />
        )}
        <ApprovalDock key={`dock-${sessionId}`} state={state} items={open.items} Diff={DiffView} />
        <footer className="foot">
          <div className="foot-line">
            <StatusLine state={state} />
            <Standing state={state} />
            {(state.state === 'ended' || state.state === 'failed') && (
              <Over sessionId={sessionId} />
            )}
          </div>
          <Composer key={`composer-${sessionId}`} state={state} />
        </footer>
      </main>
      <div className={`side-place ${sideOpen ? 'side-open' : ''}`}>
        {sideOpen && (
          <button
            type="button"
            className="side-shade"
            aria-label={en.app.close}
            onClick={() => viewStore.setState({ sideOpen: false })}
          />
        )}
        <SidePanel state={state} items={open.items} />
      </div>
    </>
  );
}

/** The session does not run: why, and the way back. */
function Over({ sessionId }: { readonly sessionId: SessionId }) {
  const { acts } = useWorld();
  const state = useHost((host) => (host.open?.sessionId === sessionId ? host.open.state : null));
  if (state === null) return null;
  const hasFailed = state.state === 'failed';
  // Its folder is gone: only its conversation is left.
  if (state.worktreeState === 'discarded')
    return (
      <div className="over">
        <p>{`${t.ended} ${work.goneNext}`}</p>
      </div>
    );
  return (
    <div className="over">
      {hasFailed && state.problem !== null ? (
        <ProblemView problem={state.problem} />
      ) : (
        <p>{hasFailed ? t.failed : `${t.ended} ${t.endedBody}`}</p>
      )}
      <Button onClick={() => void acts.live(sessionId, 'resume')}>{t.resume}</Button>
    </div>
  );
}
