import { useMemo } from 'react';
import { MODES, raises, type Mode } from '../../../src/protocol/mode.ts';
import type { SessionState } from '../../../src/protocol/session/state.ts';
import { useHost, useWorld } from '../../state/host-context.tsx';
import { useMay } from '../../state/role.ts';
import { viewStore } from '../../state/view-store.ts';
import { en } from '../../strings/en.ts';
import { mode as words } from '../../strings/mode.ts';
import { keyWords } from '../keyboard/platform.ts';
import { changeMode } from './change-mode.ts';
import { takesMode } from './takes-settings.ts';
import '../../ui/field.css';

const t = en.session;

/**
 * Shows the mode in force, and only modes that the agent can prove it is in. One in which it asks less
 * is asked about first, see `ModeAsk`, and is not to be chosen by who may only lower it.
 */
export function ModeSelect({ state }: { readonly state: SessionState }) {
  const { acts } = useWorld();
  const agents = useHost((host) => host.agents);
  const isUp = useHost((host) => host.link.kind === 'up');
  const mayRaise = useMay('operator');
  const mayLower = useMay('approver');
  const modes = useMemo(() => {
    const proven = agents?.find(({ id }) => id === state.agent)?.modes ?? [];
    return MODES.filter((mode) => proven.includes(mode) || mode === state.mode);
  }, [agents, state.agent, state.mode]);
  const { id: sessionId, modeVersion: version } = state;
  const choose = (mode: Mode): void => {
    if (mode === 'auto' || raises(state.mode, mode))
      viewStore.setState({ modeAsk: { sessionId, mode, version } });
    else void changeMode(acts, { sessionId, mode, version });
  };
  const current = state.mode;
  return (
    <label
      className="mode"
      title={`${current === null ? '' : t.modeHints[current]} · ${keyWords('mode')}`}
    >
      <span className="unseen">{t.mode}</span>
      <select
        className="select"
        id="mode"
        value={current ?? ''}
        disabled={!isUp || !mayLower || !takesMode(state)}
        onChange={(event) => choose(modes.find((mode) => mode === event.target.value) ?? 'ask')}
      >
        {current === null && <option value="">{t.ownMode(state.nativeMode ?? '')}</option>}
        {modes.map((mode) => {
          const isOut = !mayRaise && raises(current, mode);
          return (
            <option key={mode} value={mode} title={t.modeHints[mode]} disabled={isOut}>
              {isOut ? words.needsOperator(t.modes[mode]) : t.modes[mode]}
            </option>
          );
        })}
      </select>
    </label>
  );
}
