import { OFFER_KEY } from './offer-key.ts';

/**
 * Calls back with the fragment of the pairing link that opened this page (`#p=…`), if there is one,
 * and of each that is followed while it is open. Each is given once, to whoever asks first.
 */
export function onOfferFragment(
  run: (fragment: string) => void,
  page: Window = window,
): () => void {
  const take = (): void => {
    const fragment: unknown = Reflect.get(page, OFFER_KEY);
    if (typeof fragment !== 'string') return;
    Reflect.deleteProperty(page, OFFER_KEY);
    run(fragment);
  };
  take();
  page.addEventListener(OFFER_KEY, take);
  return () => page.removeEventListener(OFFER_KEY, take);
}

/** Whether a link waits to be taken. */
export function hasOfferFragment(page: object = window): boolean {
  return typeof Reflect.get(page, OFFER_KEY) === 'string';
}
