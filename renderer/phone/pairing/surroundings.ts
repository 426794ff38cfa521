/** What this page is and where it runs, as far as pairing depends on it. */
export interface Surroundings {
  /** Opened from the home screen, with a storage of its own on iOS. */
  readonly installed: boolean;
  readonly ios: boolean;
  /** https, or this machine: camera, service worker and the browser's own keys. */
  readonly secure: boolean;
  readonly origin: string;
}

export function surroundingsOf(page: Window): Surroundings {
  const { userAgent, maxTouchPoints } = page.navigator;
  return {
    installed:
      page.matchMedia('(display-mode: standalone)').matches ||
      Reflect.get(page.navigator, 'standalone') === true,
    ios: /iPhone|iPad|iPod/.test(userAgent) || (/Macintosh/.test(userAgent) && maxTouchPoints > 1),
    secure: page.isSecureContext,
    origin: page.location.origin,
  };
}

/**
 * On iOS, Safari and the app on the home screen have separate storage: keys made in the one are
 * unknown to the other, and Safari drops them after a week without a visit.
 */
export function mustInstallFirst({ ios, installed, secure }: Surroundings): boolean {
  return ios && !installed && secure;
}
