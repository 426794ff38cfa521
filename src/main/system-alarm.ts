import { Notification, shell } from 'electron';
import type { AlarmWays } from './lid-alarm.ts';

/** The system's own notification and sound; a click on it calls `open`. */
export function systemAlarm(open: () => void): AlarmWays {
  // The system's object is gone with its click when nobody holds it.
  let shown: Notification | null = null;
  return {
    notify: ({ title, body }) => {
      shown?.close();
      shown = new Notification({ title, body, urgency: 'critical', silent: false });
      shown.on('click', open);
      shown.show();
    },
    beep: () => shell.beep(),
  };
}
