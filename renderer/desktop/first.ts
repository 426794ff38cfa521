import { z } from 'zod';
import { takeToken } from '../state/session-token.ts';

// This module acts on import, and must be the first: the one-time token leaves the address bar
// before anything else runs, and zod must know before the first schema is made that the page's
// policy forbids making code from strings (it would try, and the attempt would be reported).
z.config({ jitless: true });

if (location.hash !== '') {
  const { cleanHash } = takeToken(location.hash, sessionStorage);
  history.replaceState(null, '', location.pathname + location.search + cleanHash);
}
