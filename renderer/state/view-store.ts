import { visibleText } from '../../src/base/visible-text.ts';
import { createStore } from 'zustand/vanilla';
import type { SessionId } from '../../src/protocol/ids.ts';
import type { Mode } from '../../src/protocol/mode.ts';

export type Screen =
  | { readonly name: 'home' }
  | { readonly name: 'session'; readonly sessionId: SessionId };

export interface NewSessionPreset {
  readonly folder?: string | undefined;
  readonly agent?: string | undefined;
  readonly mode?: string | undefined;
}

/** What lies over the screen; one at a time. */
export type Overlay =
  | { readonly name: 'palette' }
  | { readonly name: 'shortcuts' }
  | { readonly name: 'newSession'; readonly preset: NewSessionPreset }
  | { readonly name: 'adopt' }
  | { readonly name: 'pair' }
  | { readonly name: 'devices' }
  | { readonly name: 'rules' }
  | { readonly name: 'night' }
  | { readonly name: 'log' }
  | { readonly name: 'power' }
  | { readonly name: 'attention' }
  | { readonly name: 'notify' }
  | { readonly name: 'reach' }
  /** `file`: the one whose diff is shown first. */
  | { readonly name: 'review'; readonly sessionId: SessionId; readonly file?: string }
  | { readonly name: 'land'; readonly sessionId: SessionId }
  | { readonly name: 'discard'; readonly sessionId: SessionId }
  | { readonly name: 'rename'; readonly sessionId: SessionId; readonly title: string }
  | { readonly name: 'confirmStop'; readonly sessionId: SessionId }
  | { readonly name: 'confirmRestart'; readonly sessionId: SessionId };

export interface ToastAct {
  readonly words: string;
  readonly run: () => void;
}
export interface Toast {
  readonly id: number;
  readonly text: string;
  /** The way back from what it tells. */
  readonly act?: ToastAct | undefined;
}

export interface ViewState {
  readonly screen: Screen;
  readonly overlay: Overlay | null;
  /** The side panel, where the window is too narrow to keep it open. */
  readonly sideOpen: boolean;
  readonly showArchived: boolean;
  /** What just failed, in words, until dismissed; the newest last. */
  readonly toasts: readonly Toast[];
  /** A sentence from the tray app. */
  readonly notice: string | null;
  /** A freer mode that somebody is about to choose, not yet confirmed. */
  readonly modeAsk: {
    readonly sessionId: SessionId;
    readonly mode: Mode;
    readonly version: number;
  } | null;
}

const MAX_TOASTS = 3;
let nextToast = 1;

export const viewStore = createStore<ViewState>(() => ({
  screen: { name: 'home' },
  overlay: null,
  sideOpen: false,
  showArchived: false,
  toasts: [],
  notice: null,
  modeAsk: null,
}));

export function goTo(screen: Screen): void {
  viewStore.setState({ screen, overlay: null });
}

export function openOverlay(overlay: Overlay): void {
  viewStore.setState({ overlay });
}

export function closeOverlay(): void {
  viewStore.setState({ overlay: null });
}

export function showToast(text: string, act?: ToastAct): void {
  const toast: Toast = { id: nextToast++, text: visibleText(text), act };
  viewStore.setState(({ toasts }) => ({ toasts: [...toasts, toast].slice(-MAX_TOASTS) }));
}

export function dismissToast(id: number): void {
  viewStore.setState(({ toasts }) => ({ toasts: toasts.filter((toast) => toast.id !== id) }));
}
