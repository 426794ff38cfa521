import { useCallback, useEffect } from 'react';
import { useWorld, type World } from '../../state/host-context.tsx';
import { openOverlay, viewStore } from '../../state/view-store.ts';
import { groupSessions } from '../sessions/grouping.ts';
import { isPossible } from '../palette/commands.ts';
import { isMac } from './platform.ts';
import { shortcutOf, type ShortcutName } from './shortcuts.ts';

/** Carries out what the table of shortcuts names, from keys and from the palette. */
export function useShortcuts(): (name: ShortcutName) => void {
  const world = useWorld();
  const run = useCallback((name: ShortcutName) => act(name, world), [world]);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.isComposing) return;
      const name = shortcutOf(event, isMac());
      // Inside an approval its card takes these; elsewhere they decide nothing.
      if (name === null || name === 'allow' || name === 'deny') return;
      event.preventDefault();
      if (viewStore.getState().overlay === null || name === 'palette' || name === 'shortcuts')
        run(name);
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [run]);
  return run;
}

function act(name: ShortcutName, world: World): void {
  const { acts, store } = world;
  const { screen, sideOpen, showArchived } = viewStore.getState();
  const state = screen.name === 'session' ? (store.getState().open?.state ?? null) : null;
  switch (name) {
    case 'palette':
    case 'shortcuts':
      return openOverlay({ name });
    case 'newSession':
      return openOverlay({ name: 'newSession', preset: {} });
    case 'home':
      return acts.home();
    case 'nextSession':
      return step(world, 1);
    case 'previousSession':
      return step(world, -1);
    case 'sessionList':
      return focus('.sessions [data-roving][tabindex="0"]');
    case 'message':
      return focus('#composer');
    case 'transcript':
      return focus('#transcript');
    case 'approval':
      return toApproval(world);
    case 'mode':
      return focus('#mode');
    case 'attach':
      return document.querySelector<HTMLElement>('#attach')?.click();
    case 'room':
      return document.querySelector<HTMLElement>('#dock-room')?.click();
    case 'batch':
      return document.querySelector<HTMLElement>('#batch')?.click();
    case 'newest':
      return document.querySelector<HTMLElement>('#to-newest')?.click();
    case 'side':
      return toggleSide(!sideOpen);
    case 'showArchived':
      return viewStore.setState({ showArchived: !showArchived });
    case 'adopt':
      return openOverlay({ name: 'adopt' });
    case 'pairPhone':
      return openOverlay({ name: 'pair' });
    case 'devices':
      return openOverlay({ name: 'devices' });
    case 'rules':
    case 'night':
    case 'log':
    case 'power':
    case 'attention':
    case 'notify':
    case 'reach':
      return openOverlay({ name });
    case 'allow':
    case 'deny':
      return;
    case 'changes':
    case 'land':
    case 'discard':
    case 'goOn':
    case 'cancelTurn':
    case 'rename':
    case 'resume':
    case 'stop':
    case 'restart':
    case 'archive':
      break;
  }
  if (state === null || !isPossible(name, state)) return;
  if (name === 'rename') openOverlay({ name: 'rename', sessionId: state.id, title: state.title });
  else if (name === 'stop') openOverlay({ name: 'confirmStop', sessionId: state.id });
  else if (name === 'restart') openOverlay({ name: 'confirmRestart', sessionId: state.id });
  else if (name === 'changes') openOverlay({ name: 'review', sessionId: state.id });
  else if (name === 'land' || name === 'discard') openOverlay({ name, sessionId: state.id });
  else if (name === 'goOn') void acts.live(state.id, state.parked === null ? 'continue' : 'resume');
  else if (name === 'archive') void acts.live(state.id, state.archived ? 'unarchive' : 'archive');
  else void acts.live(state.id, name === 'resume' ? 'resume' : 'cancel');
}

function focus(selector: string): void {
  document.querySelector<HTMLElement>(selector)?.focus();
}

function step({ store, acts }: World, by: 1 | -1): void {
  const { showArchived, screen } = viewStore.getState();
  const rows = groupSessions(store.getState().sessions)
    .filter(({ name }) => showArchived || name !== 'archived')
    .flatMap(({ sessions }) => sessions);
  const here = screen.name === 'session' ? rows.findIndex(({ id }) => id === screen.sessionId) : -1;
  const next =
    rows[here === -1 ? (by === 1 ? 0 : rows.length - 1) : (here + by + rows.length) % rows.length];
  if (next !== undefined) acts.show(next.id);
}

/** The open card here, else the screen that shows those of all sessions. */
function toApproval({ acts }: World): void {
  const card = document.querySelector<HTMLElement>('[data-approval][data-open="true"]');
  if (card !== null) {
    card.scrollIntoView({ block: 'nearest' });
    return card.focus();
  }
  acts.home();
  requestAnimationFrame(() => focus('[data-approval][data-open="true"]'));
}

function toggleSide(open: boolean): void {
  viewStore.setState({ sideOpen: open });
  if (open) requestAnimationFrame(() => focus('#side'));
}
