import { useEffect, useMemo } from 'react';
import { systemTimers } from '../../../src/connection/timers.ts';
import type { SessionId } from '../../../src/protocol/ids.ts';
import { useHost, useView, useWorld, type World } from '../../state/host-context.tsx';
import { Activity } from './activity.ts';
import { isOnScreen } from './on-screen.ts';
import { SeenWatch } from './seen-watch.ts';

/** Not `scroll`: what an agent writes scrolls by itself. */
const TOUCHES = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchmove'] as const;

/**
 * Tells the host that a person is at this page, and what they have seen on it. Once for a page,
 * whether window, browser or phone. `onScreen`: the session whose conversation is shown.
 */
export function useAttentionSurface(onScreen: SessionId | null): void {
  const world = useWorld();
  const isCovered = useView(({ overlay }) => overlay !== null);
  const sessionId = isCovered ? null : onScreen;
  const isUp = useHost(({ link }) => link.kind === 'up');
  const attention = useHost((host) => host.attention);
  const surface = useMemo(() => new AttentionSurface(world, window), [world]);
  useEffect(() => surface.start(), [surface]);
  useEffect(() => surface.shows(sessionId), [surface, sessionId]);
  useEffect(() => {
    if (isUp) surface.reconnected();
  }, [surface, isUp]);
  useEffect(() => surface.look(), [surface, attention]);
}

/** What the two are told by the page and tell the host. */
class AttentionSurface {
  readonly #page: Window;
  readonly #activity: Activity;
  readonly #seen: SeenWatch;
  #sessionId: SessionId | null = null;
  /** Where the pointer was: a browser also tells of moves when only the page beneath it moved. */
  #pointer = '';

  constructor({ link, store }: World, page: Window) {
    this.#page = page;
    this.#activity = new Activity({
      timers: systemTimers,
      isVisible: () => page.document.visibilityState === 'visible',
      tell: (active, sessionId) => link.tell('surface.active', { active, sessionId }),
    });
    this.#seen = new SeenWatch({
      timers: systemTimers,
      isLookedAt: () => store.getState().link.kind === 'up' && this.#activity.isActive,
      unseen: () =>
        (store.getState().attention?.items ?? []).filter(({ seenAt }) => seenAt === null),
      isOnScreen: (item) => isOnScreen(page.document, item, this.#sessionId),
      tell: (ids) => {
        // An older host does not know of it; a lost connection is followed by another.
        link.call('attention.seen', { ids }).catch(() => {});
      },
    });
  }

  start(): () => void {
    const page = this.#page;
    const stop = new AbortController();
    const options = { capture: true, passive: true, signal: stop.signal };
    for (const type of TOUCHES) page.addEventListener(type, this.#touched, options);
    const gone = (): void => this.#activity.gone();
    page.addEventListener('blur', (event) => event.target === page && gone(), options);
    page.addEventListener('pagehide', gone, options);
    page.document.addEventListener('visibilitychange', this.#turned, options);
    return () => {
      stop.abort();
      gone();
      this.#seen.stop();
    };
  }

  shows(sessionId: SessionId | null): void {
    this.#sessionId = sessionId;
    this.#activity.shows(sessionId);
    this.look();
  }

  reconnected(): void {
    this.#activity.reconnected();
    this.#seen.reconnected();
  }

  look(): void {
    this.#seen.look();
  }

  readonly #touched = (event: Event): void => {
    if (!event.isTrusted || this.#isStill(event)) return;
    this.#activity.touched();
    this.#seen.look();
  };

  /** To come back to a page is a person's doing; that it is loaded need not be. */
  readonly #turned = (): void => {
    if (this.#page.document.visibilityState !== 'visible') return this.#activity.gone();
    this.#activity.touched();
    this.#seen.look();
  };

  #isStill(event: Event): boolean {
    if (event.type !== 'pointermove' || !(event instanceof PointerEvent)) return false;
    const at = `${event.screenX} ${event.screenY}`;
    const isStill = at === this.#pointer;
    this.#pointer = at;
    return isStill;
  }
}
