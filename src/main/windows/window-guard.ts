import { app, session, shell, type WebContents } from 'electron';
import { APP_ORIGIN } from './app-files.ts';

/** A page may put text on the clipboard (the "copy" buttons); nothing else. */
const GRANTED: ReadonlySet<string> = new Set(['clipboard-sanitized-write']);

/** Closes every way out of our own page, for whatever web contents come to exist. */
export function guardWindows(): void {
  const { defaultSession } = session;
  defaultSession.setPermissionRequestHandler((_contents, permission, answer) =>
    answer(GRANTED.has(permission)),
  );
  defaultSession.setPermissionCheckHandler((_contents, permission) => GRANTED.has(permission));
  // Chromium would download its dictionaries.
  defaultSession.setSpellCheckerEnabled(false);
  app.on('web-contents-created', (_event, contents) => guard(contents));
}

function guard(contents: WebContents): void {
  contents.on('will-navigate', (event) => stay(event));
  contents.on('will-frame-navigate', (event) => stay(event));
  contents.on('will-redirect', (event) => stay(event));
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    openInBrowser(url).catch(() => {
      // Nothing that a page asked for is worth an error dialog.
    });
    return { action: 'deny' };
  });
}

function stay(event: { readonly url: string; preventDefault(): void }): void {
  if (originOf(event.url) !== APP_ORIGIN) event.preventDefault();
}

/** Opens http(s) addresses in the person's browser; throws for anything else. */
export async function openInBrowser(url: string): Promise<void> {
  const { protocol } = new URL(url);
  if (protocol !== 'https:' && protocol !== 'http:')
    throw new Error(`Only web addresses are opened, not ${protocol}`);
  await shell.openExternal(url);
}

/** Node's URL knows no origin for schemes it has not heard of. */
export function originOf(url: string): string | null {
  try {
    const { protocol, host } = new URL(url);
    return `${protocol}//${host}`;
  } catch {
    return null;
  }
}
