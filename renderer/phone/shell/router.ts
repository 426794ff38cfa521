import { z } from 'zod';
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Overlay, ViewState } from '../../state/view-store.ts';
import { HOME, hashOf, parentOf, routeOf, type Route } from './route.ts';

/** What the router needs of the browser; narrow so that tests can stand in for it. */
export interface Pages {
  hash(): string;
  state(): unknown;
  push(state: PageState, hash: string): void;
  replace(state: PageState, hash: string): void;
  go(delta: number): void;
  onPop(listener: () => void): () => void;
}

const pageStateSchema = z.object({
  /** How many pages of ours lie before this one. */
  depth: z.number().int().nonnegative(),
  /** `depth` of the newest home before or at this page; null: there is none. */
  home: z.number().int().nullable(),
  /** A dialog lies over the page: it has a step of its own in the history, so that "back" closes it. */
  dialog: z.boolean(),
});
export type PageState = z.infer<typeof pageStateSchema>;

/** Overlays that are screens of their own on a phone; all others are dialogs. */
function routeForOverlay(overlay: Overlay): Route | null {
  if (overlay.name === 'newSession' || overlay.name === 'night') return { name: overlay.name };
  if (overlay.name === 'power' || overlay.name === 'rules') return { name: overlay.name };
  if (overlay.name === 'reach' || overlay.name === 'notify') return { name: overlay.name };
  if (overlay.name === 'review')
    return { name: 'changes', sessionId: overlay.sessionId, file: overlay.file ?? null };
  return null;
}

/**
 * Keeps the address bar, the history and the screen together. The features shared with the window
 * know screens and overlays; here those become pages that the back gesture can leave.
 */
export class Router {
  readonly store: StoreApi<{ readonly route: Route }>;
  readonly #pages: Pages;
  readonly #view: StoreApi<ViewState>;
  /** While this router itself changes the view. */
  #isOwn = false;
  #stops: (() => void)[] = [];

  constructor(pages: Pages, view: StoreApi<ViewState>) {
    this.#pages = pages;
    this.#view = view;
    this.store = createStore(() => ({ route: routeOf(pages.hash()) }));
  }

  start(): void {
    const { route } = this.store.getState();
    // After a reload the browser still has the page's state, and the history before it.
    if (!pageStateSchema.safeParse(this.#pages.state()).success)
      this.#pages.replace(
        { depth: 0, home: route.name === 'home' ? 0 : null, dialog: false },
        hashOf(route),
      );
    this.#show(route);
    this.#stops = [
      this.#pages.onPop(() => this.#show(routeOf(this.#pages.hash()))),
      this.#view.subscribe((view, before) => this.#onView(view, before)),
    ];
  }

  stop(): void {
    for (const stop of this.#stops) stop();
    this.#stops = [];
  }

  go(route: Route): void {
    const at = this.store.getState().route;
    if (hashOf(route) === hashOf(at)) return;
    if (route.name === 'home') return this.#goHome();
    const { depth, home, dialog } = this.#state;
    // What is done with is not gone back to: a form that was sent, a dialog that led here.
    if (dialog || at.name === 'newSession' || at.name === 'pair')
      this.#pages.replace({ depth, home, dialog: false }, hashOf(route));
    else this.#pages.push({ depth: depth + 1, home, dialog: false }, hashOf(route));
    this.#show(route);
  }

  /** Instead of the page that is shown: the next of a row of equals. */
  replace(route: Route): void {
    this.#pages.replace({ ...this.#state, dialog: false }, hashOf(route));
    this.#show(route);
  }

  back(): void {
    const { depth, home } = this.#state;
    if (depth > 0) return this.#pages.go(-1);
    const parent = parentOf(this.store.getState().route);
    this.#pages.replace(
      { depth: 0, home: parent.name === 'home' ? 0 : home, dialog: false },
      hashOf(parent),
    );
    this.#show(parent);
  }

  get #state(): PageState {
    const parsed = pageStateSchema.safeParse(this.#pages.state());
    return parsed.success ? parsed.data : { depth: 0, home: null, dialog: false };
  }

  #goHome(): void {
    const { depth, home } = this.#state;
    if (home !== null && home < depth) return this.#pages.go(home - depth);
    this.#pages.replace({ depth, home: depth, dialog: false }, hashOf(HOME));
    this.#show(HOME);
  }

  #show(route: Route): void {
    this.store.setState({ route });
    this.#isOwn = true;
    this.#view.setState({
      screen:
        'sessionId' in route ? { name: 'session', sessionId: route.sessionId } : { name: 'home' },
      overlay: null,
    });
    this.#isOwn = false;
  }

  #onView(view: ViewState, before: ViewState): void {
    if (this.#isOwn) return;
    if (view.screen !== before.screen)
      return this.go(
        view.screen.name === 'session'
          ? { name: 'session', sessionId: view.screen.sessionId }
          : HOME,
      );
    if (view.overlay === before.overlay) return;
    const state = this.#state;
    if (view.overlay === null) {
      if (state.dialog) this.#pages.go(-1);
      return;
    }
    const route = routeForOverlay(view.overlay);
    if (route !== null) return this.go(route);
    if (!state.dialog)
      this.#pages.push(
        { ...state, depth: state.depth + 1, dialog: true },
        hashOf(this.store.getState().route),
      );
  }
}

export function browserPages(page: Window): Pages {
  return {
    hash: () => page.location.hash,
    state: () => page.history.state as unknown,
    push: (state, hash) => page.history.pushState(state, '', hash),
    replace: (state, hash) => page.history.replaceState(state, '', hash),
    go: (delta) => page.history.go(delta),
    onPop: (listener) => {
      page.addEventListener('popstate', listener);
      return () => page.removeEventListener('popstate', listener);
    },
  };
}
