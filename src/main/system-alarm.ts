import { shell } from 'electron';
import type { Alarm, AlarmWays } from './lid-alarm.ts';
import type { NoticeWays } from './notifications/desktop-notices.ts';

export interface AlarmAround {
  readonly ways: NoticeWays;
  /** It was clicked. */
  readonly open: () => void;
  /** It was not shown. */
  readonly instead: (alarm: Alarm) => void;
}

/** The system's own notification and sound. */
export function systemAlarm({ ways, open, instead }: AlarmAround): AlarmWays {
  let shown: { close(): void } | null = null;
  return {
    notify: (alarm) => {
      shown?.close();
      shown = ways.show(
        { ...alarm, silent: false, urgency: 'critical', stays: false },
        {
          shown: (problem) => problem !== null && instead(alarm),
          clicked: open,
          closed: () => {},
        },
      );
    },
    beep: () => shell.beep(),
  };
}
