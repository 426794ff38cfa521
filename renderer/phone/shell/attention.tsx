import { useEffect } from 'react';
import { useAttentionSurface } from '../../features/attention/use-attention-surface.ts';
import { useHost } from '../../state/host-context.tsx';
import { asking } from './asking.ts';
import type { Route } from './route.ts';

/** Tells the host that somebody is here and what they saw, and puts the number on the app's icon. */
export function Attention({ route }: { readonly route: Route }) {
  useAttentionSurface(route.name === 'session' ? route.sessionId : null);
  useAppBadge();
  return null;
}

/** Between two visits the service worker keeps it: a number that is not known here is left alone. */
function useAppBadge(): void {
  const count = useHost(asking);
  useEffect(() => {
    if (count === null || !('setAppBadge' in navigator)) return;
    const { navigator: app } = window;
    // Not installed, or not allowed: there is no icon to put it on.
    (count === 0 ? app.clearAppBadge() : app.setAppBadge(count)).catch(() => {});
  }, [count]);
}
