import { Notification, shell } from 'electron';
import type { Alarm, AlarmWays } from './lid-alarm.ts';

export interface AlarmAround {
  /** It was clicked. */
  readonly open: () => void;
  /** There are no notifications here: Linux without libnotify. */
  readonly instead: (alarm: Alarm) => void;
}

/** The system's own notification and sound. */
export function systemAlarm({ open, instead }: AlarmAround): AlarmWays {
  // The system's object is gone with its click when nobody holds it.
  let shown: Notification | null = null;
  return {
    notify: (alarm) => {
      if (!Notification.isSupported()) return instead(alarm);
      shown?.close();
      shown = new Notification({ ...alarm, urgency: 'critical', silent: false });
      shown.on('click', open);
      shown.show();
    },
    beep: () => shell.beep(),
  };
}
