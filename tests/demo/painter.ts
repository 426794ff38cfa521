import { join } from 'node:path';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import type { DesktopSession } from '../e2e/support/desktop-session.ts';
import { appEnv, root } from '../e2e/support/tray-app.ts';
import type { PanelIcon, PanelLine } from '../fakes/status-notifier-host.ts';

const START_LIMIT_MS = 30_000;
const PAINT_LIMIT_MS = 10_000;

const STYLE = `
  * { box-sizing: border-box; margin: 0 }
  body { background: #3a4048 }
  main { width: max-content; font: 14px/1.5 'DejaVu Sans', sans-serif; background: #3a4048; padding-bottom: 16px }
  .panel { display: flex; align-items: center; gap: 12px; padding: 8px 14px; min-width: 560px }
  .panel.light { background: #e8e7e3; color: #3b3e44 }
  .panel.dark { background: #14171c; color: #c8ced8 }
  .panel img { height: 24px }
  ul { list-style: none; padding: 6px 0; margin: 0 }
  .menu { background: #f7f7f5; color: #1d1f23; border-radius: 0 0 6px 6px; margin: 0 14px; min-width: 380px; width: max-content; max-width: 900px }
  .menu li { padding: 3px 16px; white-space: pre-wrap }
  .menu li.off { color: #767b84 }
  .menu li.picked { background: #2a5bd0; color: #fff }
  .menu ul { padding: 0 0 4px 18px }
  .menu hr { border: 0; border-top: 1px solid #d9dade; margin: 5px 0 }
  .note { color: #c8ced8; padding: 14px 14px 0; font-size: 12px }
  pre { color: #eceff4; padding: 18px 20px 4px; font: 13px/1.55 'DejaVu Sans Mono', monospace; white-space: pre-wrap; width: 1000px }
  pre b { color: #a8d99a }
`;

/** What a panel was told of the tray, and what was clicked in it. */
export interface TrayPicture {
  readonly icon: PanelIcon;
  readonly tooltip: string;
  readonly menu: readonly PanelLine[];
  /** Beginnings of the labels that lead to the clicked line. */
  readonly picked: readonly string[];
}

/** Draws what the panel of a desktop and a terminal would show, for pictures. */
export class Painter {
  readonly #app: ElectronApplication;
  readonly #page: Page;

  private constructor(app: ElectronApplication, page: Page) {
    this.#app = app;
    this.#page = page;
  }

  static async start(
    desktop: DesktopSession,
    { electron, electronArgs }: { electron: string; electronArgs: readonly string[] },
  ): Promise<Painter> {
    const app = await _electron.launch({
      executablePath: electron,
      args: ['--disable-gpu', ...electronArgs, join(root, 'tests', 'demo', 'painter')],
      env: appEnv(desktop, join(desktop.folder, 'none'), {
        DEMO_PAINTER_DATA: join(desktop.folder, 'painter'),
      }),
      timeout: START_LIMIT_MS,
    });
    const page = await app.firstWindow({ timeout: START_LIMIT_MS });
    page.setDefaultTimeout(PAINT_LIMIT_MS);
    return new Painter(app, page);
  }

  async tray(file: string, { icon, tooltip, menu, picked }: TrayPicture): Promise<void> {
    const image = await this.#png(icon);
    await this.#draw(
      file,
      `<div class="panel ${panelFor(icon)}"><img src="${image}"><span>${escape(tooltip)}</span></div>
       ${menu.length === 0 ? '' : `<ul class="menu">${lines(menu, picked)}</ul>`}
       <p class="note">Drawn from what the tray app tells a panel over D-Bus.</p>`,
    );
  }

  /** Commands and what they printed. */
  async terminal(
    file: string,
    runs: readonly { command: string; output: string }[],
  ): Promise<void> {
    const text = runs.map(
      ({ command, output }) => `<b>$ ${escape(command)}</b>\n${escape(output.trimEnd())}\n`,
    );
    await this.#draw(file, `<pre>${text.join('\n')}</pre>`);
  }

  async stop(): Promise<void> {
    await this.#app.close();
  }

  async #draw(file: string, body: string): Promise<void> {
    await this.#page.setContent(`<style>${STYLE}</style><main>${body}</main>`);
    await this.#page.locator('main').screenshot({ path: file });
  }

  // A panel gets ARGB; a picture in a page wants RGBA.
  async #png({ width, height, pixels }: PanelIcon): Promise<string> {
    const rgba = Array.from(pixels, (_, at) => pixels[at % 4 === 3 ? at - 3 : at + 1] ?? 0);
    const given = JSON.stringify({ width, height, rgba });
    const url: unknown = await this.#page.evaluate(`(({ width, height, rgba }) => {
      const canvas = Object.assign(document.createElement('canvas'), { width, height });
      canvas.getContext('2d').putImageData(new ImageData(new Uint8ClampedArray(rgba), width, height), 0, 0);
      return canvas.toDataURL();
    })(${given})`);
    return String(url);
  }
}

/** The app draws for the panel it expects: light strokes for a dark one. */
function panelFor({ pixels }: PanelIcon): 'light' | 'dark' {
  let [sum, count] = [0, 0];
  for (let at = 0; at + 3 < pixels.length; at += 4) {
    if ((pixels[at] ?? 0) < 128) continue;
    sum += (pixels[at + 1] ?? 0) + (pixels[at + 2] ?? 0) + (pixels[at + 3] ?? 0);
    count += 3;
  }
  return count > 0 && sum / count > 150 ? 'dark' : 'light';
}

function lines(menu: readonly PanelLine[], picked: readonly string[]): string {
  const [first, ...rest] = picked;
  return menu
    .map((line) => {
      if (line.separator) return '<li><hr></li>';
      const isPicked = first !== undefined && line.label.startsWith(first);
      const below = isPicked && line.below.length > 0 ? `<ul>${lines(line.below, rest)}</ul>` : '';
      const look = isPicked && rest.length === 0 ? 'picked' : line.enabled ? '' : 'off';
      const more = line.below.length > 0 && below === '' ? '  ›' : '';
      return `<li class="${look}">${escape(line.label)}${more}</li>${below}`;
    })
    .join('');
}

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
