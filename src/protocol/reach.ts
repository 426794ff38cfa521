import { z } from 'zod';
import { notifyPlaceSchema, silenceNoteSchema } from './attention.ts';
import { roleSchema } from './devices.ts';
import { agentIdSchema, commandIdSchema, sessionIdSchema } from './ids.ts';
import { method } from './method.ts';
import { deviceIdSchema } from './relay.ts';
import { sessionStateSchema } from './session/state.ts';

/** Whether the person's own start-up service is there, which brings host and keeper back. */
export const serviceStatusSchema = z.object({
  installed: z.boolean(),
  /** `systemd`, `launchd`, `task`; null: none on this platform. */
  kind: z.string().max(40).nullable(),
});
export type ServiceStatus = z.infer<typeof serviceStatusSchema>;

/** What an agent is doing, as far as it can be told from outside. */
export const PULSES = [
  /** Its process runs and has nothing to do. */
  'idle',
  /** It was heard of lately. */
  'working',
  /** A tool of it runs. */
  'runsTool',
  'waitsForYou',
  /** It answers us, and its model has not. */
  'waitsForModel',
  /** It answers us, and does neither: nothing is open, nothing was said for long. */
  'silent',
  /** It does not answer us, or its process stands still. */
  'hangs',
  /** It has no process: hibernated, ended, or not started. */
  'gone',
] as const;
export const pulseSchema = z.enum(PULSES).catch('silent');
export type Pulse = (typeof PULSES)[number];

export const agentPulseSchema = z.object({
  sessionId: sessionIdSchema,
  pulse: pulseSchema,
  /** Since when it is so. */
  since: z.iso.datetime(),
  /** When the agent last said anything. */
  heardAt: z.iso.datetime().nullable(),
  /** What it is told by, in a sentence: "It answers, and has an open connection to its model." */
  because: z.string().max(300),
});
export type AgentPulse = z.infer<typeof agentPulseSchema>;

/** Each leg of the way phone → relay → host → agent, probed now. */
export const reachSchema = z.object({
  at: z.iso.datetime(),
  relay: z.object({
    url: z.url().nullable(),
    own: z.boolean(),
    ok: z.boolean(),
    /** There and back. */
    ms: z.number().nonnegative().nullable(),
    heardAgoSec: z.number().nonnegative().nullable(),
    problem: z.string().nullable(),
  }),
  devices: z.array(
    z.object({
      id: deviceIdSchema,
      name: z.string(),
      role: roleSchema,
      online: z.boolean(),
      /** Of a question that its page itself answered; null: nobody answered. */
      ms: z.number().nonnegative().nullable(),
      lastSeenAt: z.iso.datetime().nullable(),
      push: notifyPlaceSchema.shape.state,
    }),
  ),
  sessions: z.array(
    z.object({
      id: sessionIdSchema,
      agent: agentIdSchema,
      title: z.string(),
      state: sessionStateSchema,
      pulse: agentPulseSchema.omit({ sessionId: true }),
      /** Of a question that the agent's process answered; null: not asked, or no answer. */
      ms: z.number().nonnegative().nullable(),
    }),
  ),
  service: serviceStatusSchema,
  note: silenceNoteSchema,
});
export type Reach = z.infer<typeof reachSchema>;

/** The rows of the table of methods about what can be reached. */
export const reachMethods = {
  /** Asks relay, devices and agents at once; answers within 7 s, with what has not by then as such. */
  'reach.probe': method('viewer', z.object({}), z.object({ reach: reachSchema })),
  /** Ends the agent's process, however it stands, and brings the session back; its turn is cut short. */
  'session.restart': method(
    'operator',
    z.object({ commandId: commandIdSchema, sessionId: sessionIdSchema }),
    z.object({ state: sessionStateSchema }),
  ),
} as const;

export const reachNotifications = {
  /** Host → surface, after `desk.follow`: of all sessions that are neither idle nor gone. */
  'desk.pulses': z.object({ pulses: z.array(agentPulseSchema) }),
} as const;
