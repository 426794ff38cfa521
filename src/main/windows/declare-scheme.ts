import { protocol } from 'electron';

export const APP_SCHEME = 'porchlight';

/** Before the app is ready, or Chromium treats the scheme as one without an origin. */
export function declareAppScheme(): void {
  protocol.registerSchemesAsPrivileged([
    {
      scheme: APP_SCHEME,
      privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true },
    },
  ]);
}
