/** Output of macOS's own tools; where its form comes from is in README.md here. */

/** A Mac on which nobody ever set disablesleep. */
export const PMSET_FRESH = `System-wide power settings:
Currently in use:
 standby              1
 Sleep On Power Button 1
 hibernatefile        /var/vm/sleepimage
 powernap             1
 networkoversleep     0
 disksleep            10
 sleep                1 (sleep prevented by powerd, sharingd, bluetoothd)
 hibernatemode        3
 ttyskeepawake        1
 displaysleep         2 (display sleep prevented by Chat)
 tcpkeepalive         1
 lowpowermode         0
 womp                 0
`;

export const pmset = (disabled: 0 | 1): string =>
  PMSET_FRESH.replace(
    'System-wide power settings:\n',
    `System-wide power settings:\n SleepDisabled\t\t${disabled}\n`,
  );

/** Sierra, Intel: other lines, and another order. */
export const PMSET_OLD = `System-wide power settings:
 SleepDisabled\t\t1
 DestroyFVKeyOnStandby\t\t0
Currently in use:
 standbydelay         10800
 standby              1
 halfdim              1
 sms                  0
 hibernatefile        /var/vm/sleepimage
 darkwakes            0
 disksleep            10
 sleep                1
 autopoweroffdelay    28800
 hibernatemode        3
 autopoweroff         1
 ttyskeepawake        1
 displaysleep         5
 acwake               0
 lidwake              1
`;

export const BATTERY = {
  onBattery:
    "Now drawing from 'Battery Power'\n -InternalBattery-0 (id=23003235)\t37%; discharging; 1:37 remaining present: true\n",
  charging:
    "Now drawing from 'AC Power'\n -InternalBattery-0 (id=22675555)\t14%; charging; 5:55 remaining present: true\n",
  charged:
    "Now drawing from 'AC Power'\n -InternalBattery-0 (id=7929955)\t100%; charged; 0:00 remaining present: true\n",
  notCharging:
    "Now drawing from 'AC Power'\n -InternalBattery-0 (id=4653155)\t80%; AC attached; not charging present: true\n",
  noEstimate:
    "Now drawing from 'Battery Power'\n -InternalBattery-0 (id=4653155)\t99%; discharging; (no estimate) present: true\n\tBattery Warning: Early\n",
  old: "Now drawing from 'Battery Power'\n -InternalBattery-0\t64%; discharging; 3:12 remaining\n",
  desktop: "Now drawing from 'AC Power'\n",
  desktopOnUps:
    "Now drawing from 'UPS Power'\n -Back-UPS ES 700 (id=1234567)\t87%; discharging; 0:45 remaining present: true\n",
  laptopBesideUps:
    "Now drawing from 'AC Power'\n -UPS-1500VA (id=1234567)\t100%; charged; 0:00 remaining present: true\n -InternalBattery-0 (id=7340131)\t58%; charging; 1:20 remaining present: true\n",
  twoBatteries:
    "Now drawing from 'Battery Power'\n -InternalBattery-0 (id=1)\t40%; discharging; (no estimate) present: true\n -InternalBattery-1 (id=2)\t80%; discharging; (no estimate) present: true\n",
  withoutPercent:
    "Now drawing from 'Battery Power'\n -InternalBattery-0 (id=4653155)\t present: true\n",
} as const;

/** `caffeinate -i -w 501` as process 98217; WindowServer and powerd as they always are. */
export const assertions = (lines: readonly string[]): string => `2025-11-02 13:20:57 -0600
Assertion status system-wide:
   BackgroundTask                 0
   ApplePushServiceTask           0
   UserIsActive                   1
   PreventUserIdleDisplaySleep    0
   PreventSystemSleep             0
   ExternalMedia                  0
   PreventUserIdleSystemSleep     1
   NetworkClientActive            0
Listed by owning process:
${lines.join('')}   pid 145(WindowServer): [0x00044f2f00099212] 00:00:00 UserIsActive named: "com.apple.iohideventsystem.queue.tickle serviceID:10009be9e service:AppleUserHIDEventService product:CTRL Keyboard eventType:3"${'  '}
\tTimeout will fire in 600 secs Action=TimeoutActionRelease
   pid 80(powerd): [0x00044f2f00019216] 00:22:34 PreventUserIdleSystemSleep named: "Powerd - Prevent sleep while display is on"${'  '}
No kernel assertions.
Idle sleep preventers: IODisplayWrangler
`;

export const caffeinateLine = (pid: number, holder: number, after = '  '): string =>
  `   pid ${pid}(caffeinate): [0x00045477000194b3] 00:00:03 PreventUserIdleSystemSleep named: "caffeinate command-line tool"${after}\n` +
  `\tDetails: caffeinate asserting on behalf of Process ID ${holder}\n` +
  `\tCreated for PID: ${holder}. \n` +
  '\tLocalized=THE CAFFEINATE TOOL IS PREVENTING SLEEP.\n';

export const THERM = {
  silicon:
    'Note: No thermal warning level has been recorded\nNote: No performance warning level has been recorded\nNote: No CPU power status has been recorded\n',
  intel:
    'Note: No thermal warning level has been recorded\nNote: No performance warning level has been recorded\n2026-09-03 10:53:47 +0300 CPU Power notify\n\tCPU_Scheduler_Limit \t= 100\n\tCPU_Available_CPUs \t= 12\n\tCPU_Speed_Limit \t= 100\n',
  throttled:
    'Note: No thermal warning level has been recorded\nNote: No performance warning level has been recorded\n2026-10-05 17:10:00 +0300 CPU Power notify\n\tCPU_Scheduler_Limit \t= 100\n\tCPU_Available_CPUs \t= 4\n\tCPU_Speed_Limit \t= 72\n',
  warned:
    '2026-10-05 17:10:00 +0300 Thermal Warning Level = 5\n2026-10-05 17:10:00 +0300 Performance Warning Level = 0\nNote: No CPU power status has been recorded\n',
  failed: 'Error:Failed to get thermal warning level with error code 0xe00002bc\n',
} as const;

/** From its start, over a cable that is pulled, to a sleep and the waking after it. */
export const POWER_LOG = `Logging IORegisterForSystemPower sleep/wake messages
pmset is in logging mode now. Hit ctrl-c to exit.
2026-11-02 13:20:57 -0600 IOPSNotificationCreateRunLoopSource
Now drawing from 'AC Power'
 -InternalBattery-0 (id=22675555)\t98%; charging; 0:12 remaining present: true
2026-11-02 13:22:10 -0600 com.apple.system.powersources.source
2026-11-02 13:22:10 -0600 IOPSNotificationCreateRunLoopSource
Now drawing from 'Battery Power'
 -InternalBattery-0 (id=22675555)\t98%; discharging; (no estimate) present: true

2026-11-02 13:40:00 -0600 IORegisterForSystemPower: ...Sleeping...

2026-11-02 15:01:00 -0600 IORegisterForSystemPower: ...HasPoweredOn...
 wakeType = UserActivity
`.split('\n');

export interface RootDomainSample {
  readonly closed: boolean | null;
  readonly causesSleep?: boolean;
  readonly disabled: boolean;
  /** 15: all there is; without graphics (2) it is awake in the dark. */
  readonly capabilities?: number;
}

/** `ioreg -r -c IOPMrootDomain -d 1`, cut to what stands around the keys that count. */
export function rootDomain({
  closed,
  causesSleep = true,
  disabled,
  capabilities = 15,
}: RootDomainSample): string {
  const yes = (value: boolean): string => (value ? 'Yes' : 'No');
  const lid =
    closed === null
      ? ''
      : `      "AppleClamshellState" = ${yes(closed)}\n      "AppleClamshellCausesSleep" = ${yes(causesSleep)}\n`;
  return `+-o IOPMrootDomain  <class IOPMrootDomain, id 0x100000112, registered, matched, active, busy 0 (0 ms), retain 51>
    {
      "IOPMUserIsActive" = Yes
${lid}      "IOSleepSupported" = Yes
      "Supported Features" = {"DisplayDims"=196609,"Standby"=131079}
      "SleepDisabled" = ${yes(disabled)}
      "Last Sleep Reason" = "Clamshell Sleep"
      "System Capabilities" = ${capabilities}
    }

`;
}
