import { z } from 'zod';
import { commandIdSchema } from './ids.ts';
import { localMethod, method } from './method.ts';
import { holdSchema, lidReportSchema, powerPolicySchema, powerStateSchema } from './power.ts';

const nothing = z.object({});
const command = z.object({ commandId: commandIdSchema });

/** The rows of the table of methods about staying awake. */
export const powerMethods = {
  /** Reads sensors and effects anew where nothing is held; takes up to 10 s. */
  'power.state': method('viewer', nothing, z.object({ power: powerStateSchema })),
  /** A person's own reason to stay awake. Survives a restart of the host. */
  'power.hold': method(
    'operator',
    command.extend({
      /** Absent: until it is released. */
      forSec: z
        .number()
        .int()
        .positive()
        .max(30 * 86_400)
        .optional(),
      lid: z.boolean().default(false),
      reason: z.string().trim().min(1).max(200).optional(),
    }),
    z.object({ hold: holdSchema }),
  ),
  /** The person's holds: this one, or all. A session's end with the session's work. */
  'power.release': method(
    'operator',
    command.extend({ id: z.string().max(80).optional() }),
    z.object({ released: z.number().int() }),
  ),
  /** Writes the keys that are given into config.json; the others stay. */
  'power.setPolicy': method(
    'operator',
    command.extend({ policy: powerPolicySchema.partial() }),
    z.object({ policy: powerPolicySchema }),
  ),
  /** Also calls off a sleep that is about to come. */
  'power.sleepWhenDone': method('operator', command.extend({ on: z.boolean() }), nothing),
  /**
   * Does, or undoes, what the lid needs once on this machine, with the person's consent: the rule for
   * pmset on macOS (asks for the password), the lid action of KDE's power profile. Minutes.
   */
  'power.setUp': localMethod(
    z.object({ undo: z.boolean().default(false) }),
    z.object({ message: z.string() }),
  ),
  /** What the tray app hears from a system that tells the host nothing itself (macOS, Windows). */
  'power.machine': localMethod(z.object({ event: z.enum(['suspend', 'resume']) }), nothing),
  /** Of the lid that is closed now, else of the last time; null when there was none. */
  'power.lidReport': method('viewer', nothing, z.object({ report: lidReportSchema.nullable() })),
} as const;

/** What the host tells about it, unasked. */
export const powerNotifications = {
  /** After `desk.follow`: at most one a second for what only counts on. */
  'power.changed': z.object({ power: powerStateSchema }),
  /** After `desk.follow`. The lid was closed (`openedAt` null), or opened. */
  'power.lid': z.object({ report: lidReportSchema }),
  /** The machine is about to sleep: until it is back this host is silent, and not gone. */
  'host.sleeping': z.object({ at: z.iso.datetime(), why: z.string() }),
  /** It is back. */
  'host.woke': z.object({ from: z.iso.datetime(), to: z.iso.datetime(), why: z.string() }),
} as const;
