import { placeIn, placeSaid } from '../push/go-there.ts';
import type { PhoneWorld } from '../phone-world.ts';

/** A notification was tapped, and led to an address of its own: from there to the place of that host. */
export function arrive(page: Window): string | null {
  const place = placeIn(page.location.hash);
  if (place === null) return null;
  page.history.replaceState(null, '', place.hash);
  return place.hostId;
}

/** While the page is open the service worker says where to go. Listens from the first moment: it is said once. */
export function followTaps(page: Window, phone: PhoneWorld): void {
  page.navigator.serviceWorker?.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    const place = placeSaid(data);
    if (place === null) return;
    const { open } = phone.store.getState();
    if (open?.id !== place.hostId) phone.acts.openHost(place.hostId);
    else void open.push.look();
    page.location.hash = place.hash;
  });
}
