import type { z } from 'zod';
import type { Role } from './devices.ts';

/** A row of the table: `who` is the least role that may call it. */
export function method<P extends z.ZodType, R extends z.ZodType>(who: Role, params: P, result: R) {
  return { who, params, result, local: false };
}

/** Only for surfaces of this machine (tray app, window, terminal), whatever a device's role. */
export function localMethod<P extends z.ZodType, R extends z.ZodType>(params: P, result: R) {
  return { who: 'operator' as Role, params, result, local: true };
}
