import { createStore, type StoreApi } from 'zustand/vanilla';
import type { PhoneState } from '../phone-world.ts';
import type { Surroundings } from '../pairing/surroundings.ts';

type Install = PhoneState['install'];

/** Chromium's offer to install a page; not in TypeScript's list. */
interface InstallOffer extends Event {
  prompt(): Promise<unknown>;
  readonly userChoice: Promise<{ readonly outcome: string }>;
}

/** Whether this page can be put on the home screen, and how. Made before anything is awaited: the offer comes once. */
export class Installing {
  readonly store: StoreApi<{ readonly install: Install }>;
  #offer: InstallOffer | null = null;

  constructor(page: Window, { installed, ios }: Surroundings) {
    this.store = createStore(() => ({ install: installed ? 'installed' : ios ? 'byHand' : 'no' }));
    page.addEventListener('beforeinstallprompt', (event) => {
      // It would be shown when the browser likes, and not when the person asks for it.
      event.preventDefault();
      this.#offer = event as InstallOffer;
      this.store.setState({ install: 'offered' });
    });
    page.addEventListener('appinstalled', () => this.store.setState({ install: 'installed' }));
  }

  async install(): Promise<void> {
    const offer = this.#offer;
    if (offer === null) return;
    this.#offer = null;
    await offer.prompt();
    const { outcome } = await offer.userChoice;
    this.store.setState({ install: outcome === 'accepted' ? 'installed' : 'no' });
  }
}
