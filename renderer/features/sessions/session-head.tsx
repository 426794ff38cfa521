import type { SessionState } from '../../../src/protocol/session/state.ts';
import { Shown } from '../../ui/shown.tsx';
import { useView, useWorld } from '../../state/host-context.tsx';
import { openOverlay, viewStore } from '../../state/view-store.ts';
import { en } from '../../strings/en.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { keyWords, withKeys } from '../keyboard/platform.ts';
import { BranchLine } from '../work/branch-line.tsx';
import { ModeSelect } from './mode-select.tsx';
import { SharedBadge } from './shared-badge.tsx';
import './session-head.css';

const t = en.session;

export function SessionHead({ state }: { readonly state: SessionState }) {
  const { acts } = useWorld();
  const sideOpen = useView((view) => view.sideOpen);
  const isLive = state.instance !== null;
  return (
    <header className="session-head">
      <IconButton
        className="session-back"
        label={en.sessions.backToList}
        onClick={() => acts.home()}
        {...withKeys('home')}
      >
        <Icon name="back" />
      </IconButton>
      <div className="session-head-names">
        <h1 className="session-head-title">
          <button
            type="button"
            title={`${t.rename} · ${keyWords('rename')}`}
            aria-keyshortcuts="F2"
            onClick={() => openOverlay({ name: 'rename', sessionId: state.id, title: state.title })}
          >
            <Shown text={state.title || en.sessions.untitled} />
          </button>
        </h1>
        <BranchLine state={state} />
      </div>
      <SharedBadge state={state} />
      <ModeSelect state={state} />
      {isLive ? (
        <Button
          look="quiet"
          className="session-life"
          onClick={() => openOverlay({ name: 'confirmStop', sessionId: state.id })}
          {...withKeys('stop')}
        >
          {t.stop}
        </Button>
      ) : (
        <Button
          className="session-life"
          disabled={state.state === 'starting' || state.worktreeState === 'discarded'}
          onClick={() => void acts.live(state.id, 'resume')}
          {...withKeys('resume')}
        >
          {state.state === 'idle' ? t.wake : t.resume}
        </Button>
      )}
      <Button
        look="quiet"
        className="session-life"
        onClick={() => void acts.live(state.id, state.archived ? 'unarchive' : 'archive')}
        {...withKeys('archive')}
      >
        {state.archived ? t.unarchive : t.archive}
      </Button>
      <IconButton
        label={t.side}
        aria-expanded={sideOpen}
        className="session-side"
        onClick={() => viewStore.setState({ sideOpen: !sideOpen })}
        {...withKeys('side')}
      >
        <Icon name="side" />
      </IconButton>
    </header>
  );
}
