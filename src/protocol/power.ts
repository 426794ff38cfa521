import { z } from 'zod';
import { sessionIdSchema } from './ids.ts';
import { timeOfDaySchema } from './time-of-day.ts';

/**
 * When work may hold the machine awake. The keys stand in config.json under `power`; absent there, the
 * values of `DEFAULT_POWER_POLICY` hold.
 */
export const powerPolicySchema = z.strictObject({
  /** `idle`: against idle sleep only. `lid`: also while the lid is closed. */
  keepAwake: z.enum(['off', 'idle', 'lid']),
  /** Nothing is held on battery. */
  mainsOnly: z.boolean(),
  /** Percent. At or below it nothing is held on battery, until mains or 5 more; 0: no floor. */
  batteryFloor: z.number().int().min(0).max(95),
  /** Degrees Celsius of the hottest sensor. At or above it nothing is held, until 10 less or the lid opens. */
  heatStop: z.number().int().min(50).max(110),
  /** Hours after which a hold no longer counts; 0: never. */
  longestHours: z.number().nonnegative().max(720),
  /** How long a session that waits for a decision keeps the machine awake; 0: for ever. */
  waitingMinutes: z.number().int().nonnegative().max(44_640),
  /** Nothing is held between these times, which may span midnight; null: none. */
  quietHours: z.strictObject({ from: timeOfDaySchema, to: timeOfDaySchema }).nullable(),
});
export type PowerPolicy = z.infer<typeof powerPolicySchema>;

export const DEFAULT_POWER_POLICY: PowerPolicy = {
  keepAwake: 'idle',
  mainsOnly: false,
  batteryFloor: 20,
  heatStop: 90,
  longestHours: 24,
  waitingMinutes: 60,
  quietHours: null,
};

/** A reason to stay awake. */
export const holdSchema = z.object({
  id: z.string().max(80),
  /** `user`: a person asked for it. The others follow from a session. */
  kind: z.enum(['working', 'waiting', 'queued', 'user']),
  /** In words: the session's title, or what the person gave. */
  reason: z.string(),
  sessionId: sessionIdSchema.optional(),
  /** Of a `user` hold: which surface. */
  by: z.string().optional(),
  since: z.iso.datetime(),
  ageSec: z.number().int().nonnegative(),
  /** When it ends by itself; null: with its reason. */
  until: z.iso.datetime().nullable(),
  /** Asked for with the lid closed, whatever the policy's `keepAwake` says. */
  lid: z.boolean(),
});
export type Hold = z.infer<typeof holdSchema>;

/** Why holds do not count now, or the light is off. Add-only; a newer host may know more. */
export const POWER_REASONS = [
  /** There is no hold: the machine sleeps as it would without Porchlight. */
  'noWork',
  /** The policy is `off`. */
  'off',
  /** The policy is `idle`, and no hold asks for the lid. */
  'lidNotWanted',
  'onBattery',
  'batteryLow',
  /** Nobody can say how full the battery is, or how hot the machine. */
  'batteryUnknown',
  'tooHot',
  'quietHours',
  /** Held for longer than the policy's `longestHours`, without an end that a person gave. */
  'tooLong',
  /** Wanted, and the platform did not do it, or somebody changed it back. */
  'notInEffect',
  /** Wanted, and not yet read back. */
  'notChecked',
  /** Paired devices could not reach this host within the last minute. */
  'relayAway',
  /** A session waits for what only this machine can give. */
  'needsThisMachine',
  /** The process that holds the machine awake cannot be started. */
  'holderAway',
] as const;
export type PowerReasonCode = (typeof POWER_REASONS)[number];

export const powerReasonSchema = z.object({
  /** {@link POWER_REASONS}; a newer host may know more. */
  code: z.string().max(40),
  /** A sentence for people. */
  text: z.string(),
  /** What to do about it, where something can be done. */
  fix: z.string().optional(),
});
export type PowerReason = z.infer<typeof powerReasonSchema>;

export const batterySchema = z.object({
  /** Of the whole machine. */
  percent: z.number().min(0).max(100),
  onMains: z.boolean(),
});
export type Battery = z.infer<typeof batterySchema>;

export const heatSchema = z.object({
  /** Of the hottest sensor; null where none can be read. */
  celsius: z.number().nullable(),
  /** What the system itself says; null where it does not. */
  level: z.enum(['nominal', 'fair', 'serious', 'critical']).nullable(),
});
export type Heat = z.infer<typeof heatSchema>;

/** All that surfaces show of it. */
export const powerStateSchema = z.object({
  policy: powerPolicySchema,
  /** Oldest first. */
  holds: z.array(holdSchema),
  /** Why the holds do not count now; empty when they do, or there are none. */
  heldBack: z.array(powerReasonSchema),
  idle: z.object({
    wanted: z.boolean(),
    /** Read back from the system; null: not known yet. */
    effective: z.boolean().nullable(),
    reason: z.string().nullable(),
  }),
  lid: z.object({
    wanted: z.boolean(),
    effective: z.boolean().nullable(),
    reason: z.string().nullable(),
    /** What to do about it. */
    fix: z.string().nullable(),
    /** Works only after `power.setUp`; null: needs none here. */
    setUp: z.enum(['needed', 'done']).nullable(),
  }),
  /** null: this machine has none, or nobody can say yet. */
  battery: batterySchema.nullable(),
  heat: heatSchema.nullable(),
  /** null: this machine has no lid, or nobody can say. */
  lidClosed: z.boolean().nullable(),
  /** A display beside the lid's own is in use; absent: none is, or nobody can say. */
  externalDisplay: z.boolean().optional(),
  safeToCloseLid: z.boolean(),
  /** Why it is not safe; empty when it is. */
  reasons: z.array(powerReasonSchema),
  /** A person asked for it: once the last hold is gone the machine is put to sleep, one time. */
  sleepWhenDone: z.boolean(),
  /** When the machine is put to sleep, 30 s before; null: not about to. */
  sleepsAt: z.iso.datetime().nullable(),
});
export type PowerState = z.infer<typeof powerStateSchema>;

/** A time in which the machine slept. */
export const sleepSchema = z.object({
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  /** As far as it is known: "nothing held it awake", "the battery was at 19 %". */
  why: z.string(),
});
export type Sleep = z.infer<typeof sleepSchema>;

/** What went on behind a closed lid. */
export const lidReportSchema = z.object({
  closedAt: z.iso.datetime(),
  /** null: it is still closed. */
  openedAt: z.iso.datetime().nullable(),
  /** Whether the light was on when it closed. */
  wasSafe: z.boolean(),
  sessions: z.array(
    z.object({
      sessionId: sessionIdSchema,
      title: z.string(),
      /** Worked behind the closed lid. */
      workedMs: z.number().nonnegative(),
    }),
  ),
  /** Percent; null where there is no battery. */
  battery: z.object({ from: z.number(), to: z.number() }).nullable(),
  /** Hottest moment. */
  hottest: z.object({ celsius: z.number(), at: z.iso.datetime() }).nullable(),
  slept: z.array(sleepSchema).max(100),
});
export type LidReport = z.infer<typeof lidReportSchema>;
