import { Notification } from 'electron';
import type { NoticeEvents, NoticeWays } from './desktop-notices.ts';
import type { NoticeDaemon } from './notice-daemon.ts';

/** macOS says nothing at all where a person has forbidden notifications. The host waits for 5 s. */
const SAID_WITHIN_MS = 4_000;

/** The system's own notifications, by way of Electron. */
export function systemNotices(daemon: NoticeDaemon): NoticeWays {
  return {
    show: ({ title, body, silent, urgency, stays }, events) => {
      let shown: Notification | null = null;
      let isClosed = false;
      const said = once(events);
      const limit = setTimeout(
        () => said('The system did not say that it showed the notification: is it allowed to?'),
        SAID_WITHIN_MS,
      );
      const end = (problem: string | null): void => {
        clearTimeout(limit);
        said(problem);
      };
      const begin = async (): Promise<void> => {
        if (!Notification.isSupported())
          return end('This system shows no notifications: on Linux, libnotify must be installed.');
        const problem = await daemon.look();
        if (problem !== null) return end(problem);
        // Taken back meanwhile: there is nothing to show, and nothing went wrong.
        if (isClosed) return end(null);
        shown = new Notification({
          title,
          body: daemon.body(body),
          silent,
          urgency,
          timeoutType: stays ? 'never' : 'default',
        });
        shown.on('show', () => end(null));
        shown.on('failed', (_event, error) =>
          end(`The system did not show the notification${error ? `: ${error}` : '.'}`),
        );
        shown.on('click', () => events.clicked());
        shown.on('close', () => events.closed());
        shown.show();
      };
      begin().catch((error: unknown) =>
        end(error instanceof Error ? error.message : String(error)),
      );
      return {
        close: () => {
          isClosed = true;
          shown?.close();
          shown = null;
        },
      };
    },
  };
}

function once({ shown }: NoticeEvents): (problem: string | null) => void {
  let isSaid = false;
  return (problem) => {
    if (isSaid) return;
    isSaid = true;
    shown(problem);
  };
}
