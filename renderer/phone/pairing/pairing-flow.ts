import { createStore, type StoreApi } from 'zustand/vanilla';
import type {
  GuestNeeds,
  GuestPairing,
  Paired,
} from '../../../src/connection/device/pair-as-guest.ts';
import type { Role } from '../../../src/protocol/devices.ts';
import { decodeOffer, OfferError } from '../../../src/protocol/offer.ts';
import type { Offer } from '../../../src/protocol/pairing.ts';
import { isWithinReach } from '../../../src/protocol/within-reach.ts';
import { phonePairing as words } from '../../strings/phone-pairing.ts';
import { keysInUse, keysWork } from '../keys/device-keys.ts';
import { makeBytes, makeKeys } from '../keys/make-keys.ts';
import type { StoredKeys } from '../keys/stored-keys.ts';
import type { Hosts } from '../store/hosts.ts';
import type { StoredHost } from '../store/schema.ts';

export type PairingStep =
  /** No code yet. `problem`: what was wrong with the last one. */
  | { readonly step: 'start'; readonly problem: string | null }
  /** A code; the person says what this phone is called. */
  | { readonly step: 'ready'; readonly relay: string; readonly isLan: boolean }
  | { readonly step: 'meeting' }
  | { readonly step: 'digits'; readonly digits: string; readonly hostName: string }
  | {
      readonly step: 'done';
      readonly hostName: string;
      readonly role: Role;
      /** The keys lie in this browser as bytes. */
      readonly isWeaker: boolean;
    }
  | { readonly step: 'failed'; readonly message: string };

export interface PairingNeeds {
  readonly hosts: Pick<Hosts, 'proveKeys' | 'add'>;
  /** `pairAsGuest` with what it needs of this page. */
  pair(needs: Pick<GuestNeeds, 'offer' | 'name' | 'sealing' | 'signingKey'>): GuestPairing;
  readonly subtle: SubtleCrypto | undefined;
  /** This page came by https, which may not reach a relay by http on the local network. */
  readonly isHttps: boolean;
  /** Whether this page's own policy has kept it from speaking to a relay. */
  isBlocked(relay: string): boolean;
  nowMs(): number;
  /** The new host is stored: shows it. */
  paired(hostId: string): Promise<void>;
}

/** One pairing at a time, from the code to the stored keys. The offer is in memory only, and only until it was used. */
export class PairingFlow {
  readonly store: StoreApi<PairingStep> = createStore<PairingStep>(() => ({
    step: 'start',
    problem: null,
  }));
  readonly #needs: PairingNeeds;
  #offer: Offer | null = null;
  #guest: GuestPairing | null = null;
  /** Counts attempts, so that what a given-up one still tells is ignored. */
  #attempt = 0;

  constructor(needs: PairingNeeds) {
    this.#needs = needs;
  }

  /** A link, the fragment of one, or what a code says. False where it is none; the step says why. */
  take(text: string): boolean {
    // Computers have met: a second code must not end what the person is about to confirm.
    if (this.#guest !== null) return false;
    try {
      const offer = decodeOffer(text);
      const isLan = offer.relay.startsWith('http:');
      if (isLan && this.#needs.isHttps && !isThisMachine(offer.relay))
        return this.#startWith(words.lanFromHttps);
      this.#forgetOffer();
      this.#offer = offer;
      this.#set({ step: 'ready', relay: offer.relay, isLan });
      return true;
    } catch (error) {
      return this.#startWith(error instanceof OfferError ? error.message : words.unreadable);
    }
  }

  async start(name: string): Promise<void> {
    const offer = this.#offer;
    if (offer === null || this.#guest !== null) return;
    const attempt = ++this.#attempt;
    this.#set({ step: 'meeting' });
    try {
      const keys = await this.#storableKeys();
      if (attempt !== this.#attempt) return;
      const own = keysInUse(keys, this.#needs.subtle);
      const guest = this.#needs.pair({
        offer,
        name: name.trim() || words.unnamed,
        sealing: own.sealing,
        signingKey: keys.signingPublic,
      });
      this.#guest = guest;
      guest.met.then(
        ({ digits, hostName }) => {
          if (attempt === this.#attempt) this.#set({ step: 'digits', digits, hostName });
        },
        // The outcome says it.
        () => {},
      );
      const outcome = await guest.outcome;
      if (attempt !== this.#attempt) return;
      this.#guest = null;
      this.#forgetOffer();
      if (outcome.kind === 'failed') {
        const isBlocked = this.#needs.isBlocked(offer.relay);
        const message = isBlocked ? words.otherRelay(new URL(offer.relay).host) : outcome.message;
        return this.#set({ step: 'failed', message });
      }
      await this.#keep(outcome.paired, keys);
    } catch (error) {
      if (attempt !== this.#attempt) return;
      this.#guest = null;
      this.#forgetOffer();
      const reason = error instanceof Error ? error.message : String(error);
      this.#set({ step: 'failed', message: words.cannotStore(reason) });
    }
  }

  /** The digits differ, or the person gives up. */
  leave(why: 'mismatch' | 'cancelled'): void {
    this.#attempt += 1;
    this.#guest?.leave(why);
    this.#guest = null;
    this.#forgetOffer();
    this.#set(
      why === 'mismatch'
        ? { step: 'failed', message: words.mismatch }
        : { step: 'start', problem: null },
    );
  }

  /** The page's policy refused something: every way to that relay would end the same. */
  policyRefused(): void {
    if (this.#offer !== null && this.#needs.isBlocked(this.#offer.relay))
      this.#guest?.leave('cancelled');
  }

  /** Back to the beginning, after an end. */
  again(): void {
    if (this.#guest === null) this.#startWith(null);
  }

  async #storableKeys(): Promise<StoredKeys> {
    const { hosts, subtle } = this.#needs;
    const keys = await hosts.proveKeys(await makeKeys(subtle));
    if (keys !== null && (await keysWork(keys, subtle))) return keys;
    const bytes = await hosts.proveKeys(makeBytes());
    if (bytes === null) throw new Error('it does not keep what is stored in it.');
    return bytes;
  }

  async #keep(paired: Paired, keys: StoredKeys): Promise<void> {
    const own = keysInUse(keys, this.#needs.subtle);
    const psk = await own.wrap(paired.rootPsk);
    paired.rootPsk.fill(0);
    const host: StoredHost = {
      hostId: paired.hostId,
      name: paired.hostName,
      relay: paired.relay,
      device: paired.device,
      grant: paired.grant,
      hostKey: paired.hostKey,
      psk,
      pairedAtMs: this.#needs.nowMs(),
      seenAtMs: null,
    };
    await this.#needs.hosts.add(host, keys);
    await this.#needs.paired(host.hostId);
    this.#set({
      step: 'done',
      hostName: host.name,
      role: host.device.role,
      isWeaker: keys.kind === 'plain',
    });
  }

  #startWith(problem: string | null): false {
    this.#forgetOffer();
    this.#set({ step: 'start', problem });
    return false;
  }

  #forgetOffer(): void {
    this.#offer?.secret.fill(0);
    this.#offer = null;
  }

  #set(step: PairingStep): void {
    this.store.setState(step, true);
  }
}

/** A page by https may reach http on the machine that it runs on, and nowhere else. */
function isThisMachine(relay: string): boolean {
  const { hostname } = new URL(relay);
  return isWithinReach(hostname) && /^(?:localhost|127\.|\[::1\])/.test(hostname);
}
