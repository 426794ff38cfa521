import { execFile } from 'node:child_process';

const LIMIT_MS = 2_000;
const QUESTION = [
  'org.freedesktop.DBus',
  '/org/freedesktop/DBus',
  'org.freedesktop.DBus',
  'NameHasOwner',
] as const;
const WATCHER = 'org.kde.StatusNotifierWatcher';

/** The usual programs that can ask the session bus; most systems have at least one of them. */
const ASKERS: readonly (readonly [string, readonly string[]])[] = [
  [
    'dbus-send',
    [
      '--session',
      '--print-reply',
      `--dest=${QUESTION[0]}`,
      QUESTION[1],
      `${QUESTION[2]}.${QUESTION[3]}`,
      `string:${WATCHER}`,
    ],
  ],
  ['busctl', ['--user', 'call', ...QUESTION, 's', WATCHER]],
  [
    'gdbus',
    [
      'call',
      '--session',
      '--dest',
      QUESTION[0],
      '--object-path',
      QUESTION[1],
      '--method',
      `${QUESTION[2]}.${QUESTION[3]}`,
      WATCHER,
    ],
  ],
];

/**
 * Why the tray icon may not be visible, as a sentence for the window, or null when a panel shows it.
 * Stock GNOME shows no tray icons; other panels without a watcher get the old XEmbed kind, without a menu we can trust.
 */
export async function missingTray(platform: NodeJS.Platform): Promise<string | null> {
  if (platform !== 'linux') return null;
  for (const [program, args] of ASKERS) {
    const answer = await ask(program, args);
    if (answer === null) continue;
    return /\btrue\b/.test(answer) ? null : NOTICE;
  }
  return NOTICE;
}

const NOTICE =
  'This desktop shows no tray icons (there is no StatusNotifierWatcher on the session bus), so Porchlight opened its window. On GNOME the extension “AppIndicator and KStatusNotifierItem Support” adds them.';

function ask(program: string, args: readonly string[]): Promise<string | null> {
  return new Promise((resolve) => {
    execFile(program, args, { timeout: LIMIT_MS }, (error, stdout) =>
      resolve(error === null ? stdout : null),
    );
  });
}
