import { z } from 'zod';

/** `HH:MM` of this machine's clock. */
export const timeOfDaySchema = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/u);
