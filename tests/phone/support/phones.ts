import type { Browser } from 'playwright-core';
import { launchBrowser } from '../../e2e/support/window-browser.ts';
import { BadNetwork } from './bad-network.ts';
import { Phone } from './phone.ts';

/** How many profiles it can have is its own matter. */
export type PhoneBrowser = Pick<Browser, 'newContext' | 'close'>;
export type Launch = (args: readonly string[]) => Promise<PhoneBrowser>;

/** Phones, each with a profile of its own, that reach a relay through a network of the test's. */
export class Phones {
  readonly open: Phone[] = [];
  readonly #launch: Launch;
  #browser: PhoneBrowser | null = null;
  #network: BadNetwork | null = null;

  constructor(launch: Launch = launchBrowser) {
    this.#launch = launch;
  }

  get network(): BadNetwork {
    if (this.#network === null) throw new Error('There is no network before the first link.');
    return this.#network;
  }

  /** The network on which this link will be opened. */
  async before(link: string): Promise<void> {
    if (this.#browser !== null) return;
    const { hostname, port } = new URL(link);
    this.#network = await BadNetwork.before(Number(port));
    // Links and origins stay as they are; only where they lead to is the test's.
    this.#browser = await this.#launch([
      `--host-resolver-rules=MAP ${hostname}:${port} 127.0.0.1:${this.#network.port}`,
    ]);
  }

  /** A phone that opens this link, as its camera app would. */
  async scan(link: string): Promise<Phone> {
    await this.before(link);
    if (this.#browser === null) throw new Error('There is no browser.');
    const phone = await Phone.open(this.#browser, link);
    this.open.push(phone);
    return phone;
  }

  /** What went wrong in their pages, once. */
  complaints(): string[] {
    return this.open.flatMap((phone) => phone.complaints.splice(0));
  }

  async closeAll(): Promise<void> {
    for (const phone of this.open.splice(0)) await phone.close();
  }

  async stop(): Promise<void> {
    await this.closeAll();
    await this.#browser?.close();
    await this.#network?.close();
  }
}
