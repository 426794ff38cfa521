/** The address's fragment that names a place of one host; what follows is one of that host's own. */
const PLACE = /^#\/at\/([\w-]{1,64})(\/.*)$/;
/** What the service worker says to a page that is open. */
export const GO_THERE = 'porchlight.goThere';

export function hashAt(hostId: string, sessionId: string | undefined): string {
  return `#/at/${hostId}/${sessionId === undefined ? '' : `s/${sessionId}`}`;
}

/** null: it is not of that kind. */
export function placeIn(hash: string): { readonly hostId: string; readonly hash: string } | null {
  const [, hostId, place] = PLACE.exec(hash) ?? [];
  return hostId === undefined ? null : { hostId, hash: `#${place}` };
}

/** Of a message of the service worker: where it wants this page to be. */
export function placeSaid(data: unknown): ReturnType<typeof placeIn> {
  const said = data !== null && typeof data === 'object' && Reflect.get(data, GO_THERE);
  return typeof said === 'string' ? placeIn(said) : null;
}
