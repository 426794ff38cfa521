import { OFFER_KEY } from './offer-key.ts';

/** The fragment of the pairing link that opened this page (`#p=…`), once; null where there was none. */
export function takeOfferFragment(page: object = window): string | null {
  const fragment: unknown = Reflect.get(page, OFFER_KEY);
  if (typeof fragment !== 'string') return null;
  Reflect.deleteProperty(page, OFFER_KEY);
  return fragment;
}

/** Calls back for a pairing link that is followed while the page is open. */
export function onOfferFragment(
  run: (fragment: string) => void,
  page: Window = window,
): () => void {
  const onOffer = (): void => {
    const fragment = takeOfferFragment(page);
    if (fragment !== null) run(fragment);
  };
  page.addEventListener(OFFER_KEY, onOffer);
  return () => page.removeEventListener(OFFER_KEY, onOffer);
}
