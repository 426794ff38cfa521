/** A page may know several hosts, each with nights and lids of its own. */
const MAX_SEEN = 8;

function seen(key: string, storage: () => Pick<Storage, 'getItem'>): string[] {
  try {
    return (storage().getItem(key) ?? '').split(' ').filter(Boolean);
  } catch {
    // A browser that keeps nothing shows it again, which is no harm.
    return [];
  }
}

/** Whether what is told by `mark` (when it was) was looked at here. */
export function wasSeen(
  key: string,
  mark: string,
  storage: () => Pick<Storage, 'getItem'>,
): boolean {
  return seen(key, storage).includes(mark);
}

export function markSeen(
  key: string,
  mark: string,
  storage: () => Pick<Storage, 'getItem' | 'setItem'>,
): void {
  const others = seen(key, storage).filter((one) => one !== mark);
  try {
    storage().setItem(key, [...others, mark].slice(-MAX_SEEN).join(' '));
  } catch {
    // As above.
  }
}
