import { useMemo, type ReactNode } from 'react';
import type { SessionId } from '../../../src/protocol/ids.ts';
import type { SessionState } from '../../../src/protocol/session/state.ts';
import { ModeAsk } from '../../features/sessions/mode-ask.tsx';
import { ModeSelect } from '../../features/sessions/mode-select.tsx';
import { AgentOptions, AgentOptionWords, Usage } from '../../features/side/agent-settings.tsx';
import { PlanList } from '../../features/transcript/plan-list.tsx';
import { useAgentName } from '../../state/agent-name.ts';
import { useHost, useWorld } from '../../state/host-context.tsx';
import { useMay } from '../../state/role.ts';
import { openOverlay } from '../../state/view-store.ts';
import { en } from '../../strings/en.ts';
import { later } from '../../strings/phone-later.ts';
import { Button } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { useNow } from '../../ui/use-now.ts';
import { agoWords } from '../shell/link-words.ts';
import { useRouter } from '../shell/router-context.ts';
import { Screen } from '../shell/screen.tsx';
import './more.css';

const t = later.about;
const AGE_EVERY_MS = 5_000;

/** Plan, changes, mode, model and place of a session, and what ends or resumes it. */
export function AboutScreen({ sessionId }: { readonly sessionId: SessionId }) {
  const state = useHost(({ open }) => (open?.sessionId === sessionId ? open.state : null));
  return (
    <Screen title={t.title}>
      {state === null ? (
        <p className="middle-soft" role="status">
          {en.session.loading}
        </p>
      ) : (
        <About state={state} />
      )}
    </Screen>
  );
}

function About({ state }: { readonly state: SessionState }) {
  const router = useRouter();
  const agent = useAgentName(state.agent);
  const mayChange = useMay('operator');
  const mayLower = useMay('approver');
  const nowMs = useNow(AGE_EVERY_MS);
  const mode = state.mode === null ? (state.nativeMode ?? '') : en.session.modes[state.mode];
  const facts = useMemo(
    () =>
      [
        [t.agent, agent],
        [t.state, en.sessions.states[state.state]],
        [t.heard, agoWords(Date.parse(state.heardAt), nowMs)],
        [t.branch, state.origin?.branch ?? ''],
        [t.folder, state.worktree ?? state.cwd],
      ].filter(([, value]) => value !== ''),
    [agent, state, nowMs],
  );
  return (
    <>
      <Part title={state.title || en.sessions.untitled}>
        <dl className="pairs">
          {facts.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
        <Button
          onClick={() => router.go({ name: 'changes', sessionId: state.id, file: null })}
          icon={<Icon name="pencil" />}
        >
          {t.seeChanges}
        </Button>
      </Part>
      <Part title={en.side.plan}>
        {state.plan.length === 0 ? (
          <p className="soft">{en.side.noPlan}</p>
        ) : (
          <PlanList entries={state.plan} />
        )}
      </Part>
      <Part title={en.side.settings}>
        {mayLower && (
          <div className="about-mode">
            <span className="field-label" aria-hidden="true">
              {t.mode}
            </span>
            <ModeSelect state={state} />
            <ModeAsk state={state} />
            {state.mode !== null && (
              <p className="field-hint">{en.session.modeHints[state.mode]}</p>
            )}
          </div>
        )}
        {mayChange ? (
          <AgentOptions state={state} />
        ) : (
          <>
            <dl className="pairs">
              {!mayLower && (
                <div>
                  <dt>{t.mode}</dt>
                  <dd>{mode}</dd>
                </div>
              )}
              <AgentOptionWords state={state} />
            </dl>
            <p className="soft">{mayLower ? t.lowerOnly : t.operatorOnly}</p>
          </>
        )}
        <Usage state={state} />
      </Part>
      {mayChange && <Actions state={state} />}
    </>
  );
}

/** What changes the session itself; nothing of it is the default, and stopping asks first. */
function Actions({ state }: { readonly state: SessionState }) {
  const { acts } = useWorld();
  const isUp = useHost((host) => host.link.kind === 'up');
  const isLive = state.instance !== null;
  return (
    <Part title={t.actions}>
      <div className="about-acts">
        <Button
          disabled={!isUp}
          onClick={() => openOverlay({ name: 'rename', sessionId: state.id, title: state.title })}
        >
          {en.session.rename}
        </Button>
        <Button
          disabled={!isUp}
          onClick={() => void acts.live(state.id, state.archived ? 'unarchive' : 'archive')}
        >
          {state.archived ? en.session.unarchive : en.session.archive}
        </Button>
        {isLive ? (
          <Button
            look="danger"
            disabled={!isUp}
            onClick={() => openOverlay({ name: 'confirmStop', sessionId: state.id })}
          >
            {en.session.stop}
          </Button>
        ) : (
          <Button
            disabled={!isUp || state.state === 'starting' || state.worktreeState === 'discarded'}
            onClick={() => void acts.live(state.id, 'resume')}
          >
            {state.state === 'idle' ? en.session.wake : en.session.resume}
          </Button>
        )}
      </div>
    </Part>
  );
}

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className="part">
      <h2>{title}</h2>
      {children}
    </section>
  );
}
