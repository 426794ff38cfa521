import { createContext, useContext } from 'react';
import { useStore } from 'zustand';
import type { StoreApi } from 'zustand/vanilla';
import type { Role } from '../../src/protocol/devices.ts';
import type { Acts } from './acts.ts';
import type { Drafts } from './drafts.ts';
import type { HostLink } from './host-link.ts';
import type { HostState } from './host-state.ts';
import type { Shell } from './shell.ts';
import { viewStore, type ViewState } from './view-store.ts';
import { NO_WORK, type Work, type Works } from './works.ts';
import type { SessionId } from '../../src/protocol/ids.ts';

/** What the screens work with; made in main.tsx. */
export interface World {
  readonly store: StoreApi<HostState>;
  readonly link: HostLink;
  readonly acts: Acts;
  readonly works: Works;
  readonly drafts: Drafts;
  /** How the host calls this page in its history. */
  readonly surface: 'window' | 'browser' | 'phone';
  /** A paired device's role when its host was last heard; absent for a local surface. */
  readonly knownRole?: Role;
  /** null in a browser. */
  readonly bridge: Shell | null;
}

export const WorldContext = createContext<World | null>(null);

export function useWorld(): World {
  const world = useContext(WorldContext);
  if (world === null) throw new Error('useWorld is used outside of WorldContext');
  return world;
}

export function useHost<T>(pick: (state: HostState) => T): T {
  return useStore(useWorld().store, pick);
}

export function useView<T>(pick: (state: ViewState) => T): T {
  return useStore(viewStore, pick);
}

/** What this window knows of a session's worktree. */
export function useWork(sessionId: SessionId): Work {
  return useStore(useWorld().works.store, (works) => works[sessionId] ?? NO_WORK);
}
