import type { Shown } from './notification.ts';
import type { Pictures } from './pictures.ts';

export interface LastingEvent {
  waitUntil(work: Promise<unknown>): void;
}

export interface PushEvent extends LastingEvent {
  readonly data: { text(): string } | null;
}

export interface ShownNotification {
  readonly tag: string;
  readonly title: string;
  readonly data: unknown;
  close(): void;
}

export interface ClickEvent extends LastingEvent {
  readonly action: string;
  readonly notification: ShownNotification;
}

export interface PageClient {
  readonly url: string;
  readonly focused: boolean;
  readonly visibilityState: string;
  focus(): Promise<unknown>;
  postMessage(message: unknown): void;
}

/** The part of ServiceWorkerGlobalScope that pushes need; narrow, so that tests can stand in for it. */
export interface PushScope {
  readonly location: { readonly href: string };
  readonly navigator: {
    readonly userAgent: string;
    setAppBadge?(count: number): Promise<void>;
    clearAppBadge?(): Promise<void>;
  };
  /** Absent where pushes are. */
  readonly Notification?: { readonly maxActions?: number };
  readonly registration: {
    readonly scope: string;
    showNotification(title: string, options: Shown['options'] & Pictures): Promise<void>;
    getNotifications(filter?: { tag: string }): Promise<readonly ShownNotification[]>;
    readonly pushManager?: PushManager;
  };
  readonly clients: {
    matchAll(options: {
      includeUncontrolled: boolean;
      type: 'window';
    }): Promise<readonly PageClient[]>;
    openWindow(url: string): Promise<unknown>;
  };
  importScripts(file: string): void;
  addEventListener(type: 'push', on: (event: PushEvent) => void): void;
  addEventListener(type: 'notificationclick', on: (event: ClickEvent) => void): void;
  addEventListener(type: 'pushsubscriptionchange', on: (event: LastingEvent) => void): void;
}
