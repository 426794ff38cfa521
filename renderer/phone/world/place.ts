import type { PhoneWorld } from '../phone-world.ts';
import type { Settings } from '../store/settings.ts';

/** A phone ends apps in the background at will; after a while people start at the beginning. */
const PLACE_LASTS_MS = 6 * 60 * 60_000;

/**
 * Puts the person back where they were when the system ended the app, and remembers from now on.
 * Only where the page was opened at its beginning: an address that names a place is meant.
 */
export async function keepPlace(
  page: Window,
  settings: Settings,
  phone: Pick<PhoneWorld, 'store'>,
  nowMs: () => number = Date.now,
): Promise<void> {
  const place = await settings.place().catch(() => null);
  const { location, history, document } = page;
  if (place !== null && location.hash === '' && nowMs() - place.atMs < PLACE_LASTS_MS)
    history.replaceState(null, '', location.pathname + location.search + place.hash);
  const remember = (): void => {
    const hostId = phone.store.getState().open?.id ?? null;
    // A full storage costs only the place.
    settings.setPlace({ hostId, hash: location.hash, atMs: nowMs() }).catch(() => {});
  };
  document.addEventListener('visibilitychange', remember);
  page.addEventListener('popstate', remember);
  phone.store.subscribe((state, before) => {
    if (state.open !== null && state.open !== before.open) remember();
  });
}
