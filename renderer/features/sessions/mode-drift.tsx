import { useState } from 'react';
import type { SessionState } from '../../../src/protocol/session/state.ts';
import type { TranscriptItems } from '../../../src/protocol/transcript/items-state.ts';
import { useAgentName } from '../../state/agent-name.ts';
import { useWorld } from '../../state/host-context.tsx';
import { useMay } from '../../state/role.ts';
import { en } from '../../strings/en.ts';
import { mode as t } from '../../strings/mode.ts';
import { Button } from '../../ui/button.tsx';
import { changeMode } from './change-mode.ts';
import { driftIn } from './drift.ts';
import './mode-ask.css';

/** The agent left its mode for a freer one by itself, and nothing has put it back. */
export function ModeDrift({
  state,
  items,
}: {
  readonly state: SessionState;
  readonly items: TranscriptItems;
}) {
  const { acts } = useWorld();
  const agent = useAgentName(state.agent);
  const mayLower = useMay('approver');
  const [left, setLeft] = useState<number | null>(null);
  const drift = driftIn(items.items, state);
  if (drift === null || left === state.modeVersion) return null;
  const now =
    state.mode === null ? `${t.own} (${state.nativeMode ?? ''})` : en.session.modes[state.mode];
  const back = drift.before ?? 'ask';
  const { id: sessionId, modeVersion: version } = state;
  return (
    <div className="mode-ask mode-drift" role="status">
      <p>
        {drift.before === null
          ? t.driftFrom(agent, now)
          : t.drift(agent, now, en.session.modes[drift.before])}
      </p>
      <div className="mode-ask-acts">
        {mayLower && (
          <Button onClick={() => void changeMode(acts, { sessionId, mode: back, version })}>
            {t.putBack(en.session.modes[back])}
          </Button>
        )}
        <Button look="quiet" onClick={() => setLeft(state.modeVersion)}>
          {t.leave}
        </Button>
      </div>
    </div>
  );
}
