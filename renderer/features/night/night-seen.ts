const KEY = 'porchlight.night.seen';
/** A page may know several hosts, each with a night of its own. */
const MAX_SEEN = 8;

function seen(storage: () => Pick<Storage, 'getItem'>): string[] {
  try {
    return (storage().getItem(KEY) ?? '').split(' ').filter(Boolean);
  } catch {
    // A browser that keeps nothing shows the page again, which is no harm.
    return [];
  }
}

/** Whether the page of the night that ended then was looked at here. */
export function wasSeen(ended: string, storage: () => Pick<Storage, 'getItem'>): boolean {
  return seen(storage).includes(ended);
}

export function markSeen(ended: string, storage: () => Pick<Storage, 'getItem' | 'setItem'>): void {
  const others = seen(storage).filter((one) => one !== ended);
  try {
    storage().setItem(KEY, [...others, ended].slice(-MAX_SEEN).join(' '));
  } catch {
    // As above.
  }
}
