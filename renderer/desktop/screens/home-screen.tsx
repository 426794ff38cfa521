import { useMemo } from 'react';
import type { Approval } from '../../../src/protocol/approval/approval.ts';
import { ApprovalCard } from '../../features/approvals/approval-card.tsx';
import { BatchBar } from '../../features/batch/batch-bar.tsx';
import { useDeskCards } from '../../features/approvals/desk-cards.ts';
import { DiffView } from '../../features/diff/diff-view.tsx';
import { Origin } from '../../features/sessions/origin.tsx';
import { withKeys } from '../../features/keyboard/platform.ts';
import { LampIcon } from '../../features/lamp/lamp-icon.tsx';
import { groupOf, lampOf } from '../../features/sessions/grouping.ts';
import { ProblemView } from '../../features/transcript/problem-view.tsx';
import { useHost, useWorld } from '../../state/host-context.tsx';
import { openOverlay } from '../../state/view-store.ts';
import { en } from '../../strings/en.ts';
import { devices, pairing } from '../../strings/pairing.ts';
import { Button } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';

const t = en.home;

/** What needs the person, over all sessions; else that nothing does. */
export function HomeScreen() {
  const { acts } = useWorld();
  const ready = useHost((host) => host.deskReady);
  const sessions = useHost((host) => host.sessions);
  const approvals = useHost((host) => host.approvals);
  const shown = useMemo(() => sessions.filter(({ archived }) => !archived), [sessions]);
  const failed = shown.filter(({ state }) => state === 'failed');
  const cutShort = shown.filter(({ interrupted }) => interrupted);
  const working = shown.filter((session) => groupOf(session) === 'working').length;
  const agents = useHost((host) => host.agents);
  const cards = useDeskCards(approvals);
  if (!ready)
    return (
      <main className="main">
        <div className="middle" role="status">
          <p className="middle-soft">{en.app.loading}</p>
        </div>
      </main>
    );
  if (shown.length === 0) return <NoSessions />;
  if (cards.list.length === 0 && failed.length === 0 && cutShort.length === 0)
    return (
      <main className="main">
        <div className="middle">
          <LampIcon lamp={lampOf(shown, false)} size={56} />
          <h1>{t.quiet}</h1>
          <p className="middle-soft">{t.quietBody(working)}</p>
          <NewSession />
          <Phones />
        </div>
      </main>
    );
  return (
    <main className="main home">
      <h1 className="home-title">
        {cards.openCount > 0
          ? t.needsYou(cards.openCount)
          : cutShort.length > 0
            ? en.standing.home(cutShort.length)
            : failed.length > 0
              ? t.failed(failed.length)
              : t.quiet}
      </h1>
      <div className="home-cards">
        <BatchBar approvals={approvals} />
        {cards.list.map(({ approval, ending }) => {
          const session = sessions.find(({ id }) => id === approval.sessionId);
          return (
            <ApprovalCard
              key={approval.id}
              approval={approval}
              ending={ending}
              agent={agents?.find(({ id }) => id === session?.agent)?.name ?? session?.agent ?? ''}
              cwd={session?.cwd}
              Diff={DiffView}
              mayDecide={cards.mayDecide}
              onSettled={cards.onSettled}
              origin={
                session !== undefined && <Origin sessionId={session.id} title={session.title} />
              }
            />
          );
        })}
        {cutShort.map((session) => (
          <section key={session.id} className="home-cut" aria-label={session.title}>
            <Origin sessionId={session.id} title={session.title} />
            <p>{session.problem?.message ?? en.standing.interruptedWhy}</p>
            <OpenSession
              sessionId={session.id}
              words={en.standing.continue}
              onAct={() => void acts.live(session.id, 'continue')}
            />
          </section>
        ))}
        {failed.map((session) => (
          <section key={session.id} className="home-failed" aria-label={session.title}>
            <Origin sessionId={session.id} title={session.title} />
            {session.problem !== null && <ProblemView problem={session.problem} />}
            <OpenSession
              sessionId={session.id}
              words={en.app.tryAgain}
              onAct={() => void acts.live(session.id, 'resume')}
            />
          </section>
        ))}
      </div>
    </main>
  );
}

interface OpenSessionProps {
  readonly sessionId: Approval['sessionId'];
  readonly words: string;
  readonly onAct: () => void;
}

function OpenSession({ sessionId, words, onAct }: OpenSessionProps) {
  const { acts } = useWorld();
  return (
    <div className="home-acts">
      <Button onClick={onAct}>{words}</Button>
      <Button look="quiet" onClick={() => acts.show(sessionId)}>
        {t.open}
      </Button>
    </div>
  );
}

function NewSession() {
  return (
    <Button
      look="decide"
      icon={<Icon name="plus" />}
      onClick={() => openOverlay({ name: 'newSession', preset: {} })}
      {...withKeys('newSession')}
    >
      {en.sessions.new}
    </Button>
  );
}

function Phones() {
  return (
    <div className="home-acts">
      <Button look="quiet" onClick={() => openOverlay({ name: 'pair' })} {...withKeys('pairPhone')}>
        {pairing.open}
      </Button>
      <Button
        look="quiet"
        onClick={() => openOverlay({ name: 'devices' })}
        {...withKeys('devices')}
      >
        {devices.open}
      </Button>
    </div>
  );
}

function NoSessions() {
  const agents = useHost((host) => host.agents);
  const onlyDemo = agents !== null && !agents.some(({ id, found }) => found && id !== 'demo');
  return (
    <main className="main">
      <div className="middle">
        <LampIcon lamp="idle" size={56} />
        <h1>{en.sessions.none}</h1>
        <p className="middle-soft">{en.sessions.noneBody}</p>
        {onlyDemo ? (
          <>
            <Button
              look="decide"
              onClick={() => openOverlay({ name: 'newSession', preset: { agent: 'demo' } })}
            >
              {en.start.demo}
            </Button>
            <Button
              look="quiet"
              onClick={() => openOverlay({ name: 'newSession', preset: {} })}
              {...withKeys('newSession')}
            >
              {en.sessions.new}
            </Button>
          </>
        ) : (
          <NewSession />
        )}
        <Phones />
      </div>
    </main>
  );
}
