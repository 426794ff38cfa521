import './first/zod.ts';
import { lazy } from 'react';
import { createRoot } from 'react-dom/client';
import { createStore } from 'zustand/vanilla';
import type { RelayNetwork } from '../../src/connection/device/ports.ts';
import { webSockets } from '../../src/connection/device/web-sockets.ts';
import { systemTimers } from '../../src/connection/timers.ts';
import { withEphemeralsOf } from '../../src/crypto/ephemerals-of.ts';
import type { DhKeyPair } from '../../src/crypto/primitives.ts';
import { nobleSymmetric } from '../../src/crypto/noble-symmetric.ts';
import { Drafts } from '../state/drafts.ts';
import { phoneApp as words } from '../strings/phone-app.ts';
import { PhoneApp } from './app.tsx';
import { hasOfferFragment, onOfferFragment } from './first/offer-link.ts';
import { OFFER_KEY } from './first/offer-key.ts';
import { webEphemeral } from './keys/web-keys.ts';
import { surroundingsOf } from './pairing/surroundings.ts';
import { canPush, LazyPush } from './push/lazy-push.ts';
import { Changes } from './store/changes.ts';
import { Database, type StorageTrouble } from './store/database.ts';
import { Hosts } from './store/hosts.ts';
import { keptHead } from './store/kept-head.ts';
import { KeptHost } from './store/kept-host.ts';
import { StoredOutbox } from './store/outbox.ts';
import { pageLock } from './store/page-lock.ts';
import { Room } from './store/room.ts';
import type { StoredHost } from './store/schema.ts';
import { SessionCache } from './store/session-cache.ts';
import { Settings } from './store/settings.ts';
import { AppUpdates } from './worker/app-version.ts';
import { AppBar } from './world/app-bar.tsx';
import { arrive, followTaps } from './world/arrive.ts';
import { Crashed, CrashGuard } from './world/crash.tsx';
import { hostKeys } from './world/host-keys.ts';
import { Installing } from './world/install.ts';
import { LiveHost } from './world/live-host.ts';
import { PairedNames } from './world/paired-names.ts';
import { Phone } from './world/phone.ts';
import { pagePresence } from './world/presence.ts';
import { keepPlace } from './world/place.ts';
import { pageStorage } from './world/page-storage.ts';
import '../ui/tokens.css';
import '../ui/base.css';

const subtle: SubtleCrypto | undefined = window.isSecureContext ? crypto.subtle : undefined;
const nowMs = (): number => systemTimers.nowMs();
const around = surroundingsOf(window);
const storage = pageStorage(() => localStorage);
const database = new Database();
const room = new Room(database);
const hosts = new Hosts(database, room, nowMs);
const pushPage = { page: window, database, room };
const changes = new Changes();
const presence = pagePresence(window);
const network: RelayNetwork = {
  socket: webSockets((url, protocol) => new WebSocket(url, protocol)),
  fetch: (url, init) => fetch(url, init),
};
const trouble = createStore<{ readonly trouble: StorageTrouble | null }>(() => ({ trouble: null }));
database.troubles.on((found) => trouble.setState({ trouble: found }));
const updates = new AppUpdates(
  window.isSecureContext ? navigator.serviceWorker : undefined,
  () => location.reload(),
  (ms, run) => systemTimers.after(ms, run),
);

async function openHost(stored: StoredHost): Promise<LiveHost> {
  const { hostId } = stored;
  const { keys, areWeb } = await hostKeys(stored, hosts, subtle);
  const primitives = withEphemeralsOf(
    nobleSymmetric,
    areWeb && subtle !== undefined ? async () => await webEphemeral(subtle) : plainEphemeral,
  );
  return await LiveHost.open({
    stored,
    keys,
    kept: new KeptHost(
      database,
      room,
      new SessionCache(database, room, hostId, nowMs),
      hostId,
      systemTimers,
    ),
    heads: keptHead(database, room, hostId),
    outboxStore: new StoredOutbox(database, room, hostId, changes),
    outboxLock: pageLock(`porchlight.outbox.${hostId}`, navigator.locks),
    drafts: new Drafts(storage),
    push: (link) =>
      new LazyPush(canPush(window, around), window, async (store) =>
        (await import('./push/page-push.ts')).openPush(pushPage, stored, link, store),
      ),
    person: (link) => async (challenge) =>
      await (await import('./passkey/passkey.ts')).checkPerson(link, window, challenge),
    network,
    presence,
    timers: systemTimers,
    primitives,
    random: Math.random,
  });
}

/** Loaded only where it is needed: the curves in JavaScript are large. */
async function plainEphemeral(): Promise<DhKeyPair> {
  return (await import('./keys/plain-keys.ts')).plainEphemeral();
}

const settings = new Settings(database);
const phone = new Phone({
  hosts,
  settings,
  names: new PairedNames(storage),
  installing: new Installing(window, around),
  storage: navigator.storage,
  openHost,
  endPush: async (hostId) => await (await import('./push/page-push.ts')).endPush(pushPage, hostId),
  nowMs,
});
followTaps(window, phone);
/** Loaded where a person pairs, and for a link. */
const Pairing = lazy(async () => {
  const { pairingPart } = await import('./pairing/pairing-part.tsx');
  return {
    default: pairingPart({
      page: window,
      around,
      hosts,
      network,
      subtle,
      wiped: () => phone.wiped,
      paired: async (hostId) => await phone.paired(hostId),
      onOffer: onOfferFragment,
    }),
  };
});

/** Where a host is known, pairing is a place of its own. */
function showPairing(): void {
  if (hasOfferFragment()) location.hash = '#/pair';
}

const place = document.getElementById('root');
if (place === null) throw new Error('index.html has no #root');
const root = createRoot(place);

async function begin(): Promise<void> {
  const hostId = arrive(window);
  await keepPlace(window, settings, phone);
  await phone.start(hostId);
  const knowsNone = phone.store.getState().open === null;
  // A place of its own, so that a pairing ends on its own last screen.
  if (knowsNone) history.replaceState(null, '', `${location.pathname}${location.search}#/pair`);
  showPairing();
  addEventListener(OFFER_KEY, showPairing);
  presence.on(() => {
    if (presence.isVisible) updates.check(nowMs());
  });
  root.render(
    <CrashGuard>
      <PhoneApp phone={phone} Pairing={Pairing} />
      <AppBar updates={updates} trouble={trouble} />
    </CrashGuard>,
  );
  // Without it the app runs, but not offline.
  updates.start(nowMs()).catch(() => {});
  // After what the person waits for.
  void room.tidy().catch(() => {});
}

begin().catch((error: unknown) => {
  const reason = error instanceof Error ? error.message : String(error);
  root.render(<Crashed message={words.noStorage(reason)} />);
});
