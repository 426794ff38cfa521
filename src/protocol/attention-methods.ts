import { z } from 'zod';
import {
  ATTENTION_KINDS,
  attentionItemSchema,
  attentionSchema,
  notifyChannelsSchema,
  notifyPolicySchema,
  notifyStateSchema,
  placeSchema,
} from './attention.ts';
import { commandIdSchema, sessionIdSchema } from './ids.ts';
import { localMethod, method } from './method.ts';
import { notifyTestSchema, pushStateSchema, pushSubscriptionSchema } from './push.ts';

const nothing = z.object({});
const command = z.object({ commandId: commandIdSchema });
const itemIds = z.array(z.string().min(1).max(120)).max(500);

/** The rows of the table of methods about reaching a person. */
export const attentionMethods = {
  'attention.list': method('viewer', nothing, attentionSchema),
  /**
   * A person has seen these, or all of a session. From one who may not act on an item it only ends
   * the telling at that one's own device.
   */
  'attention.seen': method(
    'viewer',
    z.object({ ids: itemIds.optional(), sessionId: sessionIdSchema.optional() }),
    nothing,
  ),
  /**
   * From here on this surface shows the desktop's notifications: it is told by `desktop.show` and
   * `desktop.withdraw`, and answers with `desktop.shown`. The newest connection that asked is used.
   */
  'desktop.follow': localMethod(nothing, nothing),

  /** The key that a browser subscribes with: VAPID, RFC 8292; P-256, 65 bytes, base64url. */
  'push.key': method('viewer', nothing, z.object({ key: z.string() })),
  /** Takes the place of this device's earlier one. Refused for local surfaces, and for a bad endpoint. */
  'push.subscribe': method(
    'viewer',
    z.object({
      subscription: pushSubscriptionSchema,
      /** Notifications here can have actions. */
      actions: z.boolean(),
      /** A push need not show anything here. */
      silent: z.boolean(),
      /** What this device wants to be told; absent: all that the policy lets through. */
      kinds: z.array(z.enum(ATTENTION_KINDS)).max(ATTENTION_KINDS.length).optional(),
    }),
    z.object({ push: pushStateSchema }),
  ),
  'push.unsubscribe': method('viewer', nothing, nothing),
  /** Null: this device has no subscription here, or it was removed. */
  'push.state': method('viewer', nothing, z.object({ push: pushStateSchema.nullable() })),

  'notify.state': method('viewer', nothing, z.object({ notify: notifyStateSchema })),
  /** Writes the keys that are given into config.json; the others stay. */
  'notify.setPolicy': method(
    'operator',
    command.extend({ policy: notifyPolicySchema.partial() }),
    z.object({ notify: notifyStateSchema }),
  ),
  'notify.setChannels': localMethod(
    command.extend({ channels: notifyChannelsSchema.partial() }),
    z.object({ notify: notifyStateSchema }),
  ),
  /** Tells this place something harmless, past all policy. A device may name only itself. Up to 15 s. */
  'notify.test': method('viewer', z.object({ place: placeSchema }), notifyTestSchema),
} as const;

/** What is told about it, unasked. */
export const attentionNotifications = {
  /** Host → surface, after `desk.follow`. */
  'attention.changed': attentionSchema,
  /** Host → the surface that followed the desktop. The same id takes the place of the older one. */
  'desktop.show': z.object({
    item: attentionItemSchema.pick({
      id: true,
      kind: true,
      sessionId: true,
      approvalId: true,
      title: true,
      text: true,
    }),
    loud: z.boolean(),
  }),
  'desktop.withdraw': z.object({ ids: itemIds }),
  /** Surface → host: the desktop took it, or why not. */
  'desktop.shown': z.object({
    id: z.string().min(1).max(120),
    problem: z.string().max(400).nullable(),
  }),
  /**
   * Surface → host: a person is active here (typed, tapped, moved; at most every 15 s), or has gone
   * (`active` false: hidden, locked, closed). Being connected says nothing of it.
   */
  'surface.active': z.object({
    active: z.boolean(),
    /** The session on screen, if any. */
    sessionId: sessionIdSchema.nullable(),
  }),
} as const;
