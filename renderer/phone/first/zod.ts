import { z } from 'zod';

// Acts on import, and must be imported before the first schema is made: the page's policy forbids
// making code from strings, and zod would try.
z.config({ jitless: true });
