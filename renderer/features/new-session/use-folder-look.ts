import { useEffect, useState } from 'react';
import type { Result } from '../../../src/protocol/methods.ts';
import { useHost, useWorld } from '../../state/host-context.tsx';

export type FolderLook = Result<'folder.look'>;

/** Typing goes on for a moment after each letter. */
const QUIET_MS = 250;

/** What the host finds at `folder`; null while it looks, and where there is nothing it could look at. */
export function useFolderLook(folder: string): FolderLook | null {
  const { link } = useWorld();
  const isUp = useHost((host) => host.link.kind === 'up');
  const [looked, setLooked] = useState<{ folder: string; look: FolderLook } | null>(null);
  useEffect(() => {
    if (!isAbsolute(folder) || !isUp) return;
    let isCurrent = true;
    const timer = setTimeout(() => {
      link.call('folder.look', { path: folder }).then(
        (look) => isCurrent && setLooked({ folder, look }),
        // The start itself says what is wrong with a folder.
        () => isCurrent && setLooked(null),
      );
    }, QUIET_MS);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [link, isUp, folder]);
  return looked?.folder === folder ? looked.look : null;
}

export function isAbsolute(folder: string): boolean {
  return /^([/\\]|[a-zA-Z]:)/.test(folder);
}
