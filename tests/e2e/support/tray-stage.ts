import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { homeOf, type Home } from '../../../src/local/home.ts';
import { FakeHost, listen, type Listening } from '../../fakes/fake-host.ts';
import { startDesktop, type DesktopSession } from './desktop-session.ts';
import { startTrayApp, type TrayApp } from './tray-app.ts';

export const LIMIT_MS = 10_000;
export const TEST_LIMIT_MS = 60_000;

/** A desktop for the whole file; a home with a scripted host for each test, and the tray app on it. */
export interface TrayStage {
  readonly desktop: DesktopSession;
  readonly home: Home;
  readonly host: FakeHost;
  start(...args: string[]): Promise<TrayApp>;
  /** The app has ended by itself: there is none to close. */
  ended(): void;
  /** Whoever wants to see what the tray does without its host. */
  stopHost(): Promise<void>;
}

/** Sets the stage for every test of the file that calls this, ahead of its own hooks. */
export function trayStage(): TrayStage {
  let desktop: DesktopSession | undefined;
  let scene: { home: Home; host: FakeHost; listening: Listening } | undefined;
  let app: TrayApp | undefined;
  let homes = 0;

  const set = <T>(value: T | undefined): T => {
    if (value === undefined) throw new Error('The stage is set for each test, and not before.');
    return value;
  };
  beforeAll(async () => {
    desktop = await startDesktop();
  }, TEST_LIMIT_MS);
  afterAll(async () => await desktop?.stop());
  beforeEach(async () => {
    homes += 1;
    const home = homeOf({ PORCHLIGHT_HOME: join(set(desktop).folder, `home-${homes}`) });
    mkdirSync(home.root, { mode: 0o700 });
    const host = new FakeHost();
    scene = { home, host, listening: await listen(host, home.hostSocket) };
  });
  afterEach(async () => {
    await app?.electron.close();
    app = undefined;
    await scene?.listening.close();
  });

  return {
    get desktop() {
      return set(desktop);
    },
    get home() {
      return set(scene).home;
    },
    get host() {
      return set(scene).host;
    },
    start: async (...args) => {
      app = await startTrayApp(set(desktop), set(scene).home.root, { args });
      return app;
    },
    ended: () => void (app = undefined),
    stopHost: async () => await set(scene).listening.close(),
  };
}

/** Waits until the tray says this and nothing else. */
export async function says({ tray }: TrayApp, tooltip: string): Promise<void> {
  await tray.until(
    `tooltip "${tooltip}"`,
    LIMIT_MS,
    async () => (await tray.tooltip()) === tooltip,
  );
}

/** Which pixels are painted, whatever their colour, a row a string. */
export async function shapeOf({ tray }: TrayApp): Promise<string[]> {
  const { pixels, width } = await tray.icon();
  const alphas = [...pixels].filter((_, index) => index % 4 === 0);
  const rows = alphas.map((alpha) => (alpha > 127 ? '#' : '.')).join('');
  return rows.match(new RegExp(`.{${width}}`, 'gu')) ?? [];
}
