import type { SessionId } from '../../../src/protocol/ids.ts';
import type { Mode } from '../../../src/protocol/mode.ts';
import type { Acts } from '../../state/acts.ts';
import { showToast, viewStore } from '../../state/view-store.ts';
import { en } from '../../strings/en.ts';
import { mode as t } from '../../strings/mode.ts';

export interface ModeChange {
  readonly sessionId: SessionId;
  readonly mode: Mode;
  /** Of the mode that the person saw. */
  readonly version: number;
}

/** Changes it, or asks about it where the host says that it must be meant. */
export async function changeMode(
  acts: Pick<Acts, 'setMode'>,
  change: ModeChange,
  raise = false,
): Promise<void> {
  const { sessionId, mode, version } = change;
  const set = await acts.setMode(sessionId, mode, { raise, version });
  if (set.kind === 'raises') viewStore.setState({ modeAsk: change });
  if (set.kind === 'changed')
    showToast(t.changedMeanwhile(set.mode === null ? t.own : en.session.modes[set.mode]));
}
