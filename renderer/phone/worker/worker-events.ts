import type { Shell, ShellWorld } from './shell.ts';
import { TAKE_OVER } from './messages.ts';

interface LastingEvent {
  waitUntil(work: Promise<unknown>): void;
}
interface RequestEvent {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}
interface WordEvent extends LastingEvent {
  readonly data: unknown;
}

/** The part of ServiceWorkerGlobalScope that is used. */
export interface WorkerScope extends ShellWorld {
  readonly clients: {
    claim(): Promise<void>;
    matchAll(options: {
      includeUncontrolled: boolean;
      type: 'window';
    }): Promise<readonly unknown[]>;
  };
  readonly location: { readonly href: string };
  skipWaiting(): Promise<void>;
  importScripts(file: string): void;
  addEventListener(type: 'install' | 'activate', on: (event: LastingEvent) => void): void;
  addEventListener(type: 'fetch', on: (event: RequestEvent) => void): void;
  addEventListener(type: 'message', on: (event: WordEvent) => void): void;
}

/**
 * A new version waits, whole, until no page of the old one is open, or until a page asks it to take
 * over. What is not a file of the app (the relay's own paths) is never touched, so never cached.
 */
export function serveWorker(scope: WorkerScope, shell: Shell, later: string): void {
  // Only what was loaded while it is installed can be loaded when it is needed (Service Workers §6.4).
  scope.addEventListener('install', () => scope.importScripts(later));
  // A second host has one of its own, which has pushes and no files: see `push-browser.ts`.
  if (scope.registration.scope !== new URL('.', scope.location.href).href) return;
  scope.addEventListener('install', (event) => event.waitUntil(shell.fill()));
  scope.addEventListener('activate', (event) =>
    event.waitUntil(
      (async () => {
        await shell.tidy();
        await scope.clients.claim();
      })(),
    ),
  );
  scope.addEventListener('fetch', (event) => {
    const file = shell.fileOf(event.request);
    if (file !== null) event.respondWith(shell.serve(file));
  });
  scope.addEventListener('message', (event) => {
    if (event.data === TAKE_OVER.always) event.waitUntil(scope.skipWaiting());
    if (event.data === TAKE_OVER.ifAlone) event.waitUntil(takeOverIfAlone(scope));
  });
}

/** At the next open: another page of the old version must not lose its files under its feet. */
async function takeOverIfAlone(scope: WorkerScope): Promise<void> {
  const pages = await scope.clients.matchAll({ includeUncontrolled: true, type: 'window' });
  if (pages.length <= 1) await scope.skipWaiting();
}
