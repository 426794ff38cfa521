/** What a notification looks like; both as `data:`. */
export interface Pictures {
  readonly icon?: string;
  /** One colour, for the bar of Android. */
  readonly badge?: string;
}

const FILES = { icon: 'icons/192.png', badge: 'icons/badge.png' };

/**
 * From what is kept on the phone. A notification that names an address waits for the network until
 * it is shown, and that machine may just be the one that is told to be gone.
 */
export function keptPictures(
  caches: Pick<CacheStorage, 'match'>,
  root: string,
): () => Promise<Pictures> {
  const read = async (file: string): Promise<string | null> => {
    const kept = await caches.match(root + file);
    if (kept === undefined) return null;
    const bytes = new Uint8Array(await kept.arrayBuffer());
    let text = '';
    for (const byte of bytes) text += String.fromCharCode(byte);
    return `data:image/png;base64,${btoa(text)}`;
  };
  let known: Promise<Pictures> | null = null;
  const all = async (): Promise<Pictures> => {
    const [icon, badge] = await Promise.all([read(FILES.icon), read(FILES.badge)]);
    return { ...(icon !== null && { icon }), ...(badge !== null && { badge }) };
  };
  return async () => {
    // Without pictures rather than not at all.
    known ??= all().catch(() => ({}));
    return await known;
  };
}
