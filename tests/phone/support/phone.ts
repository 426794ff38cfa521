import { picture } from '../../support/picture.ts';
import {
  devices,
  type Browser,
  type BrowserContext,
  type Locator,
  type Page,
} from 'playwright-core';
import type { SessionId } from '../../../src/protocol/ids.ts';
import { sessionEventSchema, type SessionEvent } from '../../../src/protocol/session/events.ts';
import type { BadNetwork } from './bad-network.ts';

const LIMIT_MS = 30_000;
/** A card takes no tap in its first moment, so that none hits it by chance. */
const GUARD_MS = 1_000;

/** What the browser itself says when the network is bad, which the tests do on purpose. */
const NETWORK_WORDS = /net::ERR_|WebSocket connection to|Failed to load resource|EventSource/;

/** The phone's page in a Pixel-sized Chromium with touch, in a profile of its own. */
export class Phone {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Console errors, exceptions and requests to anywhere but the relay. */
  readonly complaints: string[] = [];

  private constructor(context: BrowserContext, page: Page, origin: string) {
    this.context = context;
    this.page = page;
    page.setDefaultTimeout(LIMIT_MS);
    page.on('console', (message) => {
      const isBad = message.type() === 'error' || message.type() === 'warning';
      if (isBad && !NETWORK_WORDS.test(message.text())) this.complaints.push(message.text());
    });
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('request', (request) => {
      const asked = request.url();
      if (!asked.startsWith(origin) && !/^(data|blob):/.test(asked))
        this.complaints.push(`asked for ${asked}`);
    });
  }

  /** Opens exactly this link, as the camera app would. */
  static async open(browser: Pick<Browser, 'newContext'>, link: string): Promise<Phone> {
    const context = await browser.newContext(devices['Pixel 7']);
    const page = await context.newPage();
    const phone = new Phone(context, page, new URL(link).origin);
    await page.goto(link);
    return phone;
  }

  async close(): Promise<void> {
    await this.context.close();
  }

  /** Saves what the phone shows where people look for proof. */
  async screenshot(name: string): Promise<void> {
    await picture(this.page, `phone/${name}`);
  }

  async sees(text: string | RegExp): Promise<void> {
    await this.page.getByText(text).first().waitFor();
  }

  /** Says what the phone is called, and goes to meet the host. */
  async startPairing(name?: string): Promise<void> {
    if (name !== undefined) await this.page.getByLabel('Name of this phone').fill(name);
    await this.page.getByRole('button', { name: 'Pair', exact: true }).tap();
  }

  /** The six digits on its screen. */
  async digits(): Promise<string> {
    return (await this.page.locator('.pairing-digits').innerText()).replace(/\D/g, '');
  }

  /** A pairing has come to its end: the list of sessions shows, if need be after one more tap. */
  async isHome(): Promise<void> {
    const home = this.page.locator('[data-screen="home"]');
    const done = this.page.getByRole('button', { name: 'Show me' });
    await home.or(done).first().waitFor();
    if (await done.isVisible()) await done.tap();
    await home.waitFor();
  }

  async goHome(): Promise<void> {
    const home = this.page.locator('[data-screen="home"]');
    while (!(await home.isVisible())) await this.back();
  }

  /** From the list of sessions into one. */
  async openSession(title: string): Promise<void> {
    await this.page.getByRole('button', { name: title }).first().tap();
    await this.page.locator('#transcript').waitFor();
  }

  async back(): Promise<void> {
    await this.page.getByRole('button', { name: 'Back', exact: true }).tap();
  }

  /** The open approval or question that shows `text`. */
  card(text = ''): Locator {
    return this.page.locator('article[data-open="true"]').filter({ hasText: text }).first();
  }

  /** Presses a button on the oldest open card until the card is gone. */
  async decide(button: string, text = ''): Promise<void> {
    const open = this.card(text);
    const id = await open.getAttribute('data-approval');
    const card = this.page.locator(`article[data-approval="${id}"][data-open="true"]`);
    const deadline = Date.now() + LIMIT_MS;
    while ((await card.count()) > 0) {
      if (Date.now() > deadline) throw new Error(`The card takes no ${button}.`);
      const enabled = card.locator('button:enabled').getByText(button, { exact: true });
      if ((await enabled.count()) > 0) await enabled.tap();
      await card.waitFor({ state: 'detached', timeout: GUARD_MS }).catch(() => {
        // Too early, and again; or taken, and not yet answered.
      });
    }
  }

  /**
   * Presses a button on the oldest open card until it says why that decided nothing. Never while it
   * says so: the next press takes the words away.
   */
  async decideInVain(button: string, why: string): Promise<void> {
    const words = this.card().getByRole('alert').filter({ hasText: why });
    const enabled = this.card().locator('button:enabled').getByText(button, { exact: true });
    const deadline = Date.now() + LIMIT_MS;
    do {
      if (Date.now() > deadline) throw new Error(`Of ${button} the card does not say: ${why}`);
      await this.card().getByRole('button', { name: button, exact: true }).tap();
      await words.waitFor({ timeout: GUARD_MS }).catch(() => {
        // Too early, and again; or taken, and then the button is off until it is answered.
      });
      await enabled.waitFor();
    } while ((await words.count()) === 0);
  }

  async write(text: string): Promise<void> {
    const box = this.page.locator('#composer');
    await box.tap();
    await box.fill(text);
  }

  async send(text: string): Promise<void> {
    await this.write(text);
    await this.page.locator('.box-send').tap();
  }

  /** A session's events as this phone keeps them. */
  async history(sessionId: SessionId): Promise<SessionEvent[]> {
    const kept = await this.page.evaluate<unknown[]>(`(${READ_EVENTS})('${sessionId}')`);
    return kept.map((event) => sessionEventSchema.parse(event));
  }
}

/** In the page: every stored event of one session, in the order of its numbers. */
const READ_EVENTS = `async (sessionId) => {
  const db = await new Promise((resolve, reject) => {
    const opening = indexedDB.open('porchlight');
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
  try {
    const all = await new Promise((resolve, reject) => {
      const asked = db.transaction('events').objectStore('events').getAll();
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(asked.error);
    });
    return all.filter((row) => row.sessionId === sessionId).map((row) => row.event);
  } finally {
    db.close();
  }
}`;

/** Everything between this phone and the rest of the world, both ways, at once. */
export async function withoutNetwork(
  phone: Phone,
  network: BadNetwork,
  act: () => Promise<void>,
): Promise<void> {
  await phone.context.setOffline(true);
  network.cut();
  try {
    await act();
  } finally {
    network.mend();
    await phone.context.setOffline(false);
  }
}

/** As when another app is in front: the page is told so, and a headless browser never would be. */
export async function hide(phone: Phone): Promise<void> {
  await phone.page.evaluate(`
    Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true });
    Object.defineProperty(document, 'hidden', { value: true, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  `);
}
