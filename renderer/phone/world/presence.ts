import type { Presence } from '../../../src/connection/device/ports.ts';

/** Every event after which one of the two may be different, or the page has slept meanwhile. */
const DOCUMENT_EVENTS = ['visibilitychange', 'freeze', 'resume'];
const WINDOW_EVENTS = ['online', 'offline', 'pageshow', 'pagehide'];

/** Whether somebody looks at this page, and whether the browser believes in a network. */
export function pagePresence(page: Window): Presence {
  return {
    get isVisible() {
      return page.document.visibilityState === 'visible';
    },
    get isOnline() {
      return page.navigator.onLine;
    },
    on: (changed) => {
      for (const type of DOCUMENT_EVENTS) page.document.addEventListener(type, changed);
      for (const type of WINDOW_EVENTS) page.addEventListener(type, changed);
      return () => {
        for (const type of DOCUMENT_EVENTS) page.document.removeEventListener(type, changed);
        for (const type of WINDOW_EVENTS) page.removeEventListener(type, changed);
      };
    },
  };
}
