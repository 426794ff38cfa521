import { useEffect } from 'react';
import type { SessionState } from '../../../src/protocol/session/state.ts';
import { useAgentName } from '../../state/agent-name.ts';
import { useView, useWorld } from '../../state/host-context.tsx';
import { viewStore } from '../../state/view-store.ts';
import { en } from '../../strings/en.ts';
import { mode as t } from '../../strings/mode.ts';
import { Button } from '../../ui/button.tsx';
import { changeMode } from './change-mode.ts';
import './mode-ask.css';

function dismiss(): void {
  viewStore.setState({ modeAsk: null });
}

/** By a person, whose focus would go with the question. */
function leave(): void {
  document.getElementById('mode')?.focus();
  dismiss();
}

/** In its place: what a freer mode means for this agent. Keeping things as they are has the focus. */
export function ModeAsk({ state }: { readonly state: SessionState }) {
  const { acts } = useWorld();
  const agent = useAgentName(state.agent);
  const asked = useView((view) => view.modeAsk);
  const isHere = asked?.sessionId === state.id;
  const isStale = isHere && asked.version !== state.modeVersion;
  // What was asked about another mode than the one in force must be asked anew.
  useEffect(() => {
    if (isStale) dismiss();
  }, [isStale]);
  useEffect(() => () => dismiss(), []);
  if (!isHere || isStale) return null;
  const to = en.session.modes[asked.mode];
  const isAuto = asked.mode === 'auto';
  return (
    <div
      className="mode-ask"
      role="group"
      aria-label={t.title(to)}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.preventDefault();
        leave();
      }}
    >
      <p>
        <strong>{t.title(to)}</strong> {t.raise[asked.mode](agent)}{' '}
        {isAuto && (state.sandbox === null ? t.bare : t.sandboxed(state.sandbox))}
      </p>
      <div className="mode-ask-acts">
        <Button ref={focused} onClick={leave}>
          {t.keep(state.mode === null ? t.own : en.session.modes[state.mode])}
        </Button>
        <Button
          look={isAuto ? 'danger' : 'plain'}
          onClick={() => {
            leave();
            void changeMode(acts, asked, true);
          }}
        >
          {t.act(to)}
        </Button>
      </div>
    </div>
  );
}

function focused(button: HTMLButtonElement | null): void {
  button?.focus();
}
