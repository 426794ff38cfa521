import { lazy, Suspense, useEffect, useMemo, type ComponentType } from 'react';
import { assertNever } from '../../src/base/assert-never.ts';
import { NeedsYouAnnouncer } from '../features/approvals/announcer.tsx';
import { useMorning } from '../features/night/use-night.ts';
import { useLidReport } from '../features/power/use-lid-report.ts';
import { Toasts } from '../features/toasts/toasts.tsx';
import { useView, useWorld, WorldContext } from '../state/host-context.tsx';
import { useAgents } from '../state/use-agents.ts';
import { viewStore } from '../state/view-store.ts';
import { phone as words } from '../strings/phone.ts';
import { PhoneContext, usePhone, type PairingProps, type PhoneWorld } from './phone-world.ts';
import { HomeScreen } from './screens/home-screen.tsx';
import { sessionOf, type Route } from './shell/route.ts';
import { browserPages, Router } from './shell/router.ts';
import { RouterContext, useRoute, useRouter } from './shell/router-context.ts';
import { useViewport } from './shell/use-viewport.ts';
import './phone.css';
import './cards.css';

const SessionScreen = lazy(async () => ({
  default: (await import('./screens/session-screen.tsx')).SessionScreen,
}));
const AboutScreen = lazy(async () => ({
  default: (await import('./screens/about-screen.tsx')).AboutScreen,
}));
const ChangesScreen = lazy(async () => ({
  default: (await import('./screens/changes-screen.tsx')).ChangesScreen,
}));
const NewSessionScreen = lazy(async () => ({
  default: (await import('./screens/new-session-screen.tsx')).NewSessionScreen,
}));
const NightScreen = lazy(async () => ({
  default: (await import('./screens/night-screen.tsx')).NightScreen,
}));
const PowerScreen = lazy(async () => ({
  default: (await import('./screens/power-screen.tsx')).PowerScreen,
}));
const RulesScreen = lazy(async () => ({
  default: (await import('./screens/rules-screen.tsx')).RulesScreen,
}));
const SettingsScreen = lazy(async () => ({
  default: (await import('./screens/settings-screen.tsx')).SettingsScreen,
}));
const NotifyScreen = lazy(async () => ({
  default: (await import('./notify/notify-screen.tsx')).NotifyScreen,
}));
const ReachScreen = lazy(async () => ({
  default: (await import('./screens/reach-screen.tsx')).ReachScreen,
}));
const SummaryScreen = lazy(async () => ({
  default: (await import('./screens/summary-screen.tsx')).SummaryScreen,
}));
const Attention = lazy(async () => ({
  default: (await import('./shell/attention.tsx')).Attention,
}));
const Dialogs = lazy(async () => ({ default: (await import('./shell/dialogs.tsx')).Dialogs }));

export interface PhoneAppProps {
  readonly phone: PhoneWorld;
  readonly Pairing: ComponentType<PairingProps>;
}

/** The whole phone app. `Pairing` is shown until a host is known, and at `#/pair`. */
export function PhoneApp({ phone, Pairing }: PhoneAppProps) {
  const router = useMemo(() => new Router(browserPages(window), viewStore), []);
  useEffect(() => {
    router.start();
    return () => router.stop();
  }, [router]);
  return (
    <PhoneContext value={phone}>
      <RouterContext value={router}>
        <Shell Pairing={Pairing} />
      </RouterContext>
    </PhoneContext>
  );
}

function Shell({ Pairing }: Pick<PhoneAppProps, 'Pairing'>) {
  useViewport();
  const router = useRouter();
  const route = useRoute();
  const open = usePhone((state) => state.open);
  const isPairing = open === null || route.name === 'pair';
  return (
    <div className="phone" data-screen={isPairing ? 'pair' : route.name}>
      {isPairing ? (
        <Suspense fallback={<Loading />}>
          <Pairing
            canLeave={open !== null}
            onLeave={() => (route.name === 'pair' ? router.back() : undefined)}
          />
        </Suspense>
      ) : (
        <WorldContext key={open.id} value={open.world}>
          <OpenHostScreens route={route} />
        </WorldContext>
      )}
      <Toasts />
    </div>
  );
}

function OpenHostScreens({ route }: { readonly route: Route }) {
  useFollowRoute(route);
  useAgents();
  useMorning();
  useLidReport();
  return (
    <>
      <Suspense fallback={<Loading />}>
        <ScreenOf route={route} />
      </Suspense>
      <Overlays />
      <NeedsYouAnnouncer />
      <Suspense fallback={null}>
        <Attention route={route} />
      </Suspense>
    </>
  );
}

function ScreenOf({ route }: { readonly route: Route }) {
  switch (route.name) {
    case 'home':
    case 'pair':
      return <HomeScreen />;
    case 'settings':
      return <SettingsScreen />;
    case 'night':
      return <NightScreen />;
    case 'power':
      return <PowerScreen />;
    case 'rules':
      return <RulesScreen />;
    case 'summary':
      return <SummaryScreen />;
    case 'reach':
      return <ReachScreen />;
    case 'notify':
      return <NotifyScreen />;
    case 'newSession':
      return <NewSessionScreen />;
    case 'session':
      return <SessionScreen key={route.sessionId} sessionId={route.sessionId} />;
    case 'about':
      return <AboutScreen sessionId={route.sessionId} />;
    case 'changes':
      return <ChangesScreen key={route.file ?? ''} sessionId={route.sessionId} file={route.file} />;
    default:
      return assertNever(route, 'route');
  }
}

/** The session of the address is the one that is followed; none on the other screens. */
function useFollowRoute(route: Route): void {
  const { link } = useWorld();
  const sessionId = sessionOf(route);
  useEffect(() => link.open(sessionId), [link, sessionId]);
}

function Overlays() {
  const overlay = useView((view) => view.overlay);
  return overlay === null ? null : (
    <Suspense fallback={null}>
      <Dialogs overlay={overlay} />
    </Suspense>
  );
}

function Loading() {
  return (
    <div className="middle" role="status">
      <p className="middle-soft">{words.session.loading}</p>
    </div>
  );
}
