import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { end, type DesktopSession } from './desktop-session.ts';

const run = promisify(execFile);
const COMMAND_LIMIT_MS = 10_000;

/** Programs the picture needs; a machine without them skips the test and says so. */
export function missingForXfce(): readonly string[] {
  const folders = (process.env.PATH ?? '').split(':');
  return ['xfce4-panel', 'xdotool', 'import', 'convert'].filter(
    (name) => !folders.some((folder) => existsSync(join(folder, name))),
  );
}

/** One panel along the top, with nothing in it but the system tray at the left. */
const PANEL = `<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array">
    <value type="int" value="1"/>
    <property name="dark-mode" type="bool" value="true"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=6;x=0;y=0"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="length" type="uint" value="100"/>
      <property name="size" type="uint" value="32"/>
      <property name="plugin-ids" type="array"><value type="int" value="1"/></property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="systray"/>
  </property>
</channel>
`;

export interface XfcePanel {
  /** Opens the menu of the first icon of the tray. */
  openMenu(): Promise<void>;
  /** The whole screen as PNG. */
  screenshot(file: string): Promise<void>;
  /** How many bright pixels a picture of the screen has where the first icon belongs. */
  paintedTrayPixels(file: string): Promise<number>;
  stop(): Promise<void>;
}

/** Starts xfce4-panel and waits until it watches for tray icons. */
export async function startXfcePanel(desktop: DesktopSession): Promise<XfcePanel> {
  const file = join(
    desktop.folder,
    'config',
    'xfce4',
    'xfconf',
    'xfce-perchannel-xml',
    'xfce4-panel.xml',
  );
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, PANEL);
  const env = desktop.env;
  const panel = spawn('xfce4-panel', ['--disable-wm-check'], { env, stdio: 'ignore' });
  const command = (program: string, ...args: string[]): Promise<unknown> =>
    run(program, args, { env, timeout: COMMAND_LIMIT_MS });
  await desktop.panel.nameOwned('org.kde.StatusNotifierWatcher', COMMAND_LIMIT_MS);
  return {
    openMenu: async () => void (await command('xdotool', 'mousemove', '16', '16', 'click', '3')),
    screenshot: async (path) => {
      mkdirSync(dirname(path), { recursive: true });
      await command('import', '-window', 'root', path);
    },
    paintedTrayPixels: async (path) => {
      const { stdout } = await run(
        'convert',
        [
          path,
          '-crop',
          '32x32+0+0',
          '-colorspace',
          'gray',
          '-threshold',
          '60%',
          '-format',
          '%[fx:mean*w*h]',
          'info:',
        ],
        { env, timeout: COMMAND_LIMIT_MS },
      );
      return Number(stdout);
    },
    stop: () => end(panel),
  };
}
