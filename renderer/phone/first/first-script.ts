import { OFFER_KEY } from './offer-key.ts';

// Runs before everything else, inside the page itself. Nothing may be imported here but constants.

/**
 * A pairing link holds a secret, which must not stay in the address bar, in the history, or in a
 * screenshot. It lives in memory, for the one who asks first; a reload has lost it.
 */
function take(): void {
  const { hash, pathname, search } = location;
  if (!hash.startsWith('#p=')) return;
  history.replaceState(history.state, '', pathname + search);
  Object.defineProperty(window, OFFER_KEY, { value: hash, configurable: true });
  dispatchEvent(new Event(OFFER_KEY));
}

take();
// The page is open already, and a link to it is followed.
addEventListener('hashchange', take);

/** A part that cannot be had, or is not the one that was built, would leave a white page. */
function complain(): void {
  const root = document.getElementById('root');
  if (root === null || root.childElementCount > 0) return;
  const words = document.createElement('p');
  words.textContent =
    'Porchlight could not be loaded. The connection failed, or a file was changed on its way.';
  const again = document.createElement('button');
  again.textContent = 'Load again';
  again.onclick = () => location.reload();
  root.append(words, again);
}

// Captured: a script that cannot be loaded tells nobody above it.
addEventListener('error', () => setTimeout(complain), true);
addEventListener('unhandledrejection', () => setTimeout(complain));
