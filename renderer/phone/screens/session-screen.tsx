import type { SessionId } from '../../../src/protocol/ids.ts';
import type { SessionState } from '../../../src/protocol/session/state.ts';
import { ApprovalDock } from '../../features/approvals/approval-dock.tsx';
import { FoldedDiff } from '../../features/diff/folded-diff.tsx';
import { PulseStrip } from '../../features/reach/pulse-strip.tsx';
import { ModeDrift } from '../../features/sessions/mode-drift.tsx';
import { Standing } from '../../features/standing/standing.tsx';
import { StatusLine } from '../../features/transcript/status-line.tsx';
import { Transcript } from '../../features/transcript/transcript.tsx';
import { useAgentName } from '../../state/agent-name.ts';
import { useHost, useWorld } from '../../state/host-context.tsx';
import { useMay } from '../../state/role.ts';
import { en } from '../../strings/en.ts';
import { work } from '../../strings/work.ts';
import { later } from '../../strings/phone-later.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { LidAlarm } from '../shell/lid-alarm.tsx';
import { LinkBanner } from '../shell/link-banner.tsx';
import { useRouter } from '../shell/router-context.ts';
import { BackButton, Screen, ScreenTitle } from '../shell/screen.tsx';
import { MessageBox } from './message-box.tsx';
import './reach.css';
import './session.css';

const t = en.session;

/** One conversation: what was said, what waits for a decision, and the message box under the thumb. */
export function SessionScreen({ sessionId }: { readonly sessionId: SessionId }) {
  const { link } = useWorld();
  const open = useHost((host) => host.open);
  // Revoked, it may look at what it has; nothing that it would send arrives.
  const isShutOut = useHost((host) => host.link.kind === 'refused');
  if (open === null || open.sessionId !== sessionId || open.state === null)
    return (
      <Screen title={t.loading} head={<span />}>
        {open?.phase === 'lost' ? (
          <div className="middle" role="alert">
            <h2>{t.lost}</h2>
            <p>{open.reason}</p>
            <Button onClick={() => link.open(sessionId)}>{en.app.tryAgain}</Button>
          </div>
        ) : (
          <div className="middle" role="status">
            <p className="middle-soft">{t.loading}</p>
          </div>
        )}
      </Screen>
    );
  const { state } = open;
  return (
    <div className="session">
      <SessionHead state={state} />
      <LinkBanner />
      <LidAlarm />
      <ModeDrift state={state} items={open.items} />
      <PulseStrip state={state} />
      <main className="session-main">
        {open.items.items.length === 0 && open.earlier === 0 ? (
          <div className="middle">
            <h2>{en.transcript.empty}</h2>
            <p className="middle-soft">{en.transcript.emptyBody}</p>
          </div>
        ) : (
          <Transcript open={open} />
        )}
      </main>
      <ApprovalDock state={state} items={open.items} Diff={FoldedDiff} />
      {!isShutOut && (
        <footer className="session-foot">
          <StatusLine state={state} />
          <Standing state={state} />
          {(state.state === 'ended' || state.state === 'failed') && <Over state={state} />}
          <MessageBox state={state} />
        </footer>
      )}
    </div>
  );
}

/** What it is called, who works, in which mode; more of it one tap away. */
function SessionHead({ state }: { readonly state: SessionState }) {
  const router = useRouter();
  const agent = useAgentName(state.agent);
  const title = state.title || en.sessions.untitled;
  const mode = state.mode === null ? (state.nativeMode ?? '') : t.modes[state.mode];
  const model = modelOf(state);
  return (
    <header className="screen-head">
      <BackButton />
      <ScreenTitle title={title} isShown={false} />
      <div className="session-names" aria-hidden="true">
        <span className="session-name">{title}</span>
        <span className="session-under">{[agent, mode, model].filter(Boolean).join(' · ')}</span>
      </div>
      <IconButton
        label={`${later.session.about}: ${[agent, `${t.mode} ${mode}`, model].filter(Boolean).join(', ')}`}
        onClick={() => router.go({ name: 'about', sessionId: state.id })}
      >
        <Icon name="more" />
      </IconButton>
    </header>
  );
}

/** The model by its name, where the agent offers a choice of models. */
function modelOf({ options }: SessionState): string {
  const model = options.find(({ id, category }) => id === 'model' || category === 'model');
  if (model === undefined || typeof model.current === 'boolean') return '';
  return model.values.find(({ value }) => value === model.current)?.name ?? model.current;
}

/** The session does not run; why is the last thing of the conversation. The way back for whom it is open to. */
function Over({ state }: { readonly state: SessionState }) {
  const { acts } = useWorld();
  const mayAct = useMay('operator');
  const isUp = useHost((host) => host.link.kind === 'up');
  const hasFailed = state.state === 'failed';
  if (state.worktreeState === 'discarded')
    return <p className="over">{`${t.ended} ${work.goneNext}`}</p>;
  return (
    <div className="over">
      <p>{hasFailed ? t.failed : `${t.ended} ${mayAct ? t.endedBody : ''}`}</p>
      {mayAct && (
        <Button disabled={!isUp} onClick={() => void acts.live(state.id, 'resume')}>
          {t.resume}
        </Button>
      )}
    </div>
  );
}
