import { lazy, Suspense, useEffect } from 'react';
import { sessionIdSchema } from '../../src/protocol/ids.ts';
import { assertNever } from '../../src/base/assert-never.ts';
import type { ShellBridge } from '../../src/ipc/schema.ts';
import { LinkBanner, LinkScreen } from '../features/link/link-screen.tsx';
import { useShortcuts } from '../features/keyboard/use-shortcuts.ts';
import type { ShortcutName } from '../features/keyboard/shortcuts.ts';
import { NewSession } from '../features/new-session/new-session.tsx';
import { Palette, ShortcutSheet } from '../features/palette/palette.tsx';
import { SessionList } from '../features/sessions/session-list.tsx';
import { ConfirmStop, RenameDialog } from '../features/sessions/session-dialogs.tsx';
import { Adopt } from '../features/adopt/adopt.tsx';
import { DevicesPanel } from '../features/devices/devices-panel.tsx';
import { PairPhone } from '../features/pairing/pair-phone.tsx';
import { DiscardDialog } from '../features/work/discard-dialog.tsx';
import { LandDialog } from '../features/work/land-dialog.tsx';
import { ConfirmRestart } from '../features/reach/confirm-restart.tsx';
import { Review } from '../features/work/review.tsx';
import { useAttentionSurface } from '../features/attention/use-attention-surface.ts';
import { NeedsYouAnnouncer } from '../features/approvals/announcer.tsx';
import { LidStrip } from '../features/power/lid-strip.tsx';
import { SleepStrip } from '../features/power/sleep-countdown.tsx';
import { NightStrip } from '../features/night/night-strip.tsx';
import { useNight } from '../features/night/use-night.ts';
import { Toasts } from '../features/toasts/toasts.tsx';
import { useHost, useView, useWorld } from '../state/host-context.tsx';
import { useAgents } from '../state/use-agents.ts';
import { closeOverlay, openOverlay, viewStore, type Overlay } from '../state/view-store.ts';
import { en } from '../strings/en.ts';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { HomeScreen } from './screens/home-screen.tsx';
import { SessionScreen } from './screens/session-screen.tsx';
import './app.css';

const StandingOverlay = lazy(async () => ({
  default: (await import('./overlays/standing-overlays.tsx')).StandingOverlay,
}));

/** `bridge` is null in a browser. */
export function App({ bridge }: { readonly bridge: ShellBridge | null }) {
  const link = useHost((host) => host.link);
  const ready = useHost((host) => host.deskReady);
  const screen = useView((view) => view.screen);
  const run = useShortcuts();
  useTargets(bridge);
  useAgents();
  useForgotten();
  useNight();
  useAttentionSurface(screen.name === 'session' ? screen.sessionId : null);
  if (!ready && link.kind !== 'up') return <LinkScreen link={link} />;
  return (
    <div className="app" data-screen={screen.name}>
      <div className="app-top">
        <LinkBanner />
        <HostProblems />
        <TrayNotice />
        <NightStrip />
        <LidStrip />
        <SleepStrip />
      </div>
      <SessionList />
      {screen.name === 'home' ? (
        <HomeScreen />
      ) : (
        <SessionScreen key={screen.sessionId} sessionId={screen.sessionId} />
      )}
      <Overlays onAct={run} />
      <Toasts />
      <NeedsYouAnnouncer />
    </div>
  );
}

function Overlays({ onAct }: { readonly onAct: (name: ShortcutName) => void }) {
  const overlay = useView((view) => view.overlay);
  if (overlay === null) return null;
  switch (overlay.name) {
    case 'palette':
      return <Palette onAct={onAct} />;
    case 'shortcuts':
      return <ShortcutSheet />;
    case 'newSession':
      return <NewSession key={JSON.stringify(overlay.preset)} preset={overlay.preset} />;
    case 'adopt':
      return <Adopt />;
    case 'pair':
      return <PairPhone />;
    case 'devices':
      return <DevicesPanel />;
    case 'rules':
    case 'night':
    case 'log':
    case 'power':
    case 'reach':
    case 'attention':
    case 'notify':
      return (
        <Suspense fallback={null}>
          <StandingOverlay key={overlay.name} name={overlay.name} />
        </Suspense>
      );
    case 'review':
    case 'land':
    case 'discard':
      return <WorkOverlay overlay={overlay} />;
    case 'rename':
      return <RenameDialog sessionId={overlay.sessionId} title={overlay.title} />;
    case 'confirmStop':
      return <ConfirmStop sessionId={overlay.sessionId} />;
    case 'confirmRestart':
      return <ConfirmRestart sessionId={overlay.sessionId} />;
    default:
      return assertNever(overlay, 'overlay');
  }
}

/** Only of the session on screen: elsewhere nobody knows its worktree. */
function WorkOverlay({
  overlay,
}: {
  readonly overlay: Extract<Overlay, { name: 'review' | 'land' | 'discard' }>;
}) {
  const state = useHost((host) => host.open?.state ?? null);
  const isHere = state?.id === overlay.sessionId;
  useEffect(() => {
    if (!isHere) closeOverlay();
  }, [isHere]);
  if (state === null || !isHere) return null;
  if (overlay.name === 'review') return <Review state={state} file={overlay.file} />;
  return overlay.name === 'land' ? <LandDialog state={state} /> : <DiscardDialog state={state} />;
}

/** Where the tray menu sends the window. */
function useTargets(bridge: ShellBridge | null): void {
  const { acts } = useWorld();
  useEffect(
    () =>
      bridge?.onTarget((target) => {
        if (target.screen === 'newSession')
          return openOverlay({ name: 'newSession', preset: target });
        if (target.screen === 'pair' || target.screen === 'power' || target.screen === 'attention')
          return openOverlay({ name: target.screen });
        if (target.screen === 'session') {
          const id = sessionIdSchema.safeParse(target.sessionId);
          return id.success ? acts.show(id.data) : undefined;
        }
        acts.home();
        if (target.notice !== undefined) viewStore.setState({ notice: target.notice });
      }),
    [bridge, acts],
  );
}

/** A session whose time is over leaves the screen without a word: it was put away long ago. */
function useForgotten(): void {
  const { acts } = useWorld();
  const shown = useView((view) => (view.screen.name === 'session' ? view.screen.sessionId : null));
  const isGone = useHost(
    ({ deskReady, sessions, open }) =>
      shown !== null &&
      deskReady &&
      (open === null || open.phase === 'lost') &&
      !sessions.some(({ id }) => id === shown),
  );
  useEffect(() => {
    if (isGone) acts.home();
  }, [acts, isGone]);
}

function HostProblems() {
  const problems = useHost((host) => host.problems);
  return problems.map(({ id, message }) => (
    <p key={id} className="app-problem" role="alert">
      <Icon name="alert" />
      <span>{message}</span>
    </p>
  ));
}

function TrayNotice() {
  const notice = useView((view) => view.notice);
  if (notice === null) return null;
  return (
    <p className="app-notice" role="status">
      <span>{notice}</span>
      <Button look="quiet" onClick={() => viewStore.setState({ notice: null })}>
        {en.app.dismiss}
      </Button>
    </p>
  );
}
