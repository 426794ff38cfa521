import { z } from 'zod';
import { approvalSchema, decisionOutcomeSchema, receiptSchema } from './approval/approval.ts';
import { auditEntrySchema, auditHeadSchema, auditVerdictSchema } from './audit.ts';
import { deviceSchema, MAX_PERSON_CHARS } from './devices.ts';
import { approvalIdSchema, commandIdSchema, sessionIdSchema } from './ids.ts';
import { localMethod, method } from './method.ts';
import { nightReportSchema, nightSchema } from './night.ts';
import { deviceIdSchema } from './relay.ts';
import { callToCheckSchema, checkedCallSchema } from './rules/check.ts';
import { ruleFileSchema, ruleProposalSchema, ruleRowSchema, ruleSchema } from './rules/rule.ts';

const nothing = z.object({});
const command = z.object({ commandId: commandIdSchema });
const hashSchema = z.string().regex(/^[0-9a-f]{64}$/);
const decided = z.object({
  outcome: decisionOutcomeSchema,
  receipt: receiptSchema.nullable(),
  /** It counts, but what was to come with it did not: a rule was not saved. In words. */
  problem: z.string().optional(),
});

/** What proves who decides; a surface of this machine needs none. */
const proofSchema = z.object({
  /** By the device's signing key over `decisionText`, r ‖ s: 64 bytes, base64url. */
  signature: z.string().regex(/^[\w-]{86}$/),
  /** Where `decider.fresh` asks for it: the browser's AuthenticationResponseJSON (WebAuthn L3 §5.1). */
  fresh: z.record(z.string(), z.unknown()).optional(),
});
export type DecisionProof = z.infer<typeof proofSchema>;

/** The rows of the table of methods about approvals, rules, the audit log and the night. */
export const approvalMethods = {
  'approval.list': method(
    'viewer',
    z.object({ sessionId: sessionIdSchema.optional() }),
    z.object({ approvals: z.array(approvalSchema) }),
  ),
  /**
   * Decides a tool call by one of the agent's options, or by `allow`, which picks its
   * `allow_once` or `reject_once`. Answers on receipt `delivered`, or after 5 s with `decided`.
   */
  'approval.decide': method(
    'approver',
    command.extend({
      approvalId: approvalIdSchema,
      /** The hash that was shown. */
      hash: z.string(),
      choice: z.union([z.object({ allow: z.boolean() }), z.object({ optionId: z.string() })]),
      /** Why not; reaches the agent as a prompt after the refusal. */
      reason: z.string().max(4_000).optional(),
      /** With a refusal: the input to call it with instead, asked for as a prompt. Needs operator. */
      edited: z.unknown().optional(),
      /** "Always": saved among the user's rules with the decision. Needs operator. */
      rule: ruleSchema.optional(),
      proof: proofSchema.optional(),
    }),
    decided,
  ),
  /** Answers a question with the content its form asks for, or declines it. */
  'approval.answer': method(
    'approver',
    command.extend({
      approvalId: approvalIdSchema,
      hash: z.string(),
      answer: z.union([
        z.object({ content: z.record(z.string(), z.unknown()) }),
        z.object({ decline: z.literal(true) }),
      ]),
      proof: proofSchema.optional(),
    }),
    decided,
  ),

  /** All rules in their order, and the files they come from. From here on `rules.changed` tells. */
  'rules.list': method(
    'viewer',
    /** Also the project of this folder, though no session works there; only of a local surface. */
    z.object({ folder: z.string().max(4_096).optional() }),
    z.object({ rules: z.array(ruleRowSchema), files: z.array(ruleFileSchema) }),
  ),
  /** At the end of the user's own. */
  'rules.add': method(
    'operator',
    command.extend({ rule: ruleSchema }),
    z.object({ row: ruleRowSchema }),
  ),
  /** One of the user's own, by its id. */
  'rules.remove': method('operator', command.extend({ id: z.string().max(80) }), nothing),
  'rules.check': method('operator', callToCheckSchema, checkedCallSchema),
  /** What "always" could save for an open approval: narrowest first; empty where no rule would do. */
  'rules.propose': method(
    'viewer',
    z.object({ approvalId: approvalIdSchema }),
    z.object({ proposals: z.array(ruleProposalSchema) }),
  ),
  /** Lets a project's own rules loosen too, for as long as they read as they do now; or no more. */
  'rules.trust': localMethod(
    z.object({ folder: z.string().max(4_096), hash: hashSchema, trusted: z.boolean() }),
    z.object({ file: ruleFileSchema }),
  ),

  /** How this device registers a passkey: PublicKeyCredentialCreationOptionsJSON. Not for local surfaces. */
  'passkey.options': method(
    'approver',
    /** Origin of the page, which names the site of the passkey. */
    z.object({ origin: z.url() }),
    z.object({ options: z.record(z.string(), z.unknown()) }),
  ),
  /** The browser's RegistrationResponseJSON. A second one replaces none: the owner removes it first. */
  'passkey.register': method(
    'approver',
    z.object({ response: z.record(z.string(), z.unknown()) }),
    nothing,
  ),
  /** How this device proves its person for a decision: PublicKeyCredentialRequestOptionsJSON without challenge. */
  'passkey.request': method(
    'approver',
    nothing,
    z.object({ options: z.record(z.string(), z.unknown()) }),
  ),
  'passkey.remove': localMethod(
    z.object({ device: deviceIdSchema }),
    z.object({ device: deviceSchema }),
  ),
  'devices.setPerson': localMethod(
    z.object({ device: deviceIdSchema, person: z.string().trim().min(1).max(MAX_PERSON_CHARS) }),
    z.object({ device: deviceSchema }),
  ),

  /** Entries with n > `after`, ascending, as many as fit. */
  'audit.list': method(
    'operator',
    z.object({
      after: z.number().int().nonnegative().default(0),
      limit: z.number().int().positive().max(2_000).default(500),
    }),
    z.object({ entries: z.array(auditEntrySchema), more: z.boolean() }),
  ),
  /** Looks through all of it; `head`: one that was kept elsewhere, which it must still contain. */
  'audit.verify': method(
    'operator',
    z.object({ head: auditHeadSchema.optional() }),
    auditVerdictSchema,
  ),
  /** Of the entry `n`, absent: the newest; null where there is none. For a device to compare. */
  'audit.head': method(
    'viewer',
    z.object({ n: z.number().int().positive().optional() }),
    z.object({ head: auditHeadSchema.nullable() }),
  ),
  /** Signs with another key from the next entry on. */
  'audit.changeKey': localMethod(nothing, z.object({ head: auditHeadSchema })),

  'night.state': method('viewer', nothing, z.object({ night: nightSchema.nullable() })),
  /** Begun twice it goes on, until the later `until`. */
  'night.start': method(
    'operator',
    command.extend({ until: z.iso.datetime().optional() }),
    z.object({ night: nightSchema }),
  ),
  'night.end': method('operator', command, nothing),
  /** Of the night that is, else of the last one; null when there was none. */
  'night.report': method('viewer', nothing, z.object({ report: nightReportSchema.nullable() })),
} as const;

/** What the host tells about them, unasked. */
export const approvalNotifications = {
  /** How far a decision has travelled, after `desk.follow`. */
  'desk.receipt': z.object({
    approvalId: approvalIdSchema,
    sessionId: sessionIdSchema,
    receipt: receiptSchema,
  }),
  /** After `rules.list`: ask again. */
  'rules.changed': nothing,
  /** After `desk.follow`, at most one every 5 s. */
  'audit.head': z.object({ head: auditHeadSchema }),
  /** After `desk.follow`. */
  'night.changed': z.object({ night: nightSchema.nullable() }),
} as const;
