import './first.ts';
import { createRoot } from 'react-dom/client';
import { createStore } from 'zustand/vanilla';
import { systemTimers } from '../../src/connection/timers.ts';
import type { ShellBridge } from '../../src/ipc/schema.ts';
import { Acts } from '../state/acts.ts';
import { Drafts } from '../state/drafts.ts';
import { hostDoor } from './connect.ts';
import { WorldContext } from '../state/host-context.tsx';
import { HostLink } from '../state/host-link.ts';
import { INITIAL_HOST_STATE, type HostState } from '../state/host-state.ts';
import { Works } from '../state/works.ts';
import { App } from './app.tsx';
import '../ui/tokens.css';
import '../ui/base.css';

declare global {
  interface Window {
    /** Put there by the preload; absent in a browser. */
    readonly porchlight?: ShellBridge;
  }
}

const bridge = window.porchlight ?? null;
const door = hostDoor(bridge);
const store = createStore<HostState>(() => INITIAL_HOST_STATE);
const link = new HostLink(store, {
  identity: { surface: door.surface, version: '0.1.0' },
  open: door.open,
  timers: systemTimers,
  random: Math.random,
});
const acts = new Acts(link, bridge);
const world = {
  store,
  link,
  acts,
  works: new Works(link),
  drafts: new Drafts(localStorage),
  surface: door.surface,
  bridge,
};
link.start();
// The machine woke up or the network came back: no need to wait for the next attempt.
addEventListener('online', () => link.retryNow());

// A file dropped beside the message box must not replace the page.
for (const type of ['dragover', 'drop']) addEventListener(type, (event) => event.preventDefault());

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');
createRoot(root).render(
  <WorldContext value={world}>
    <App bridge={bridge} />
  </WorldContext>,
);
