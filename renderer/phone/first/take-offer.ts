import { OFFER_KEY } from './offer-key.ts';

// Runs before everything else, inside the page itself: a pairing link holds a secret, which must
// not stay in the address bar, in the history, or in a screenshot. It lives in memory, for the one
// who asks first; a reload has lost it. Nothing may be imported here but constants.

const take = (): void => {
  const { hash, pathname, search } = location;
  if (!hash.startsWith('#p=')) return;
  history.replaceState(null, '', pathname + search);
  Object.defineProperty(window, OFFER_KEY, { value: hash, configurable: true });
};

take();
// The same page is already open, and a link to it is followed.
addEventListener('hashchange', () => {
  take();
  dispatchEvent(new Event(OFFER_KEY));
});
