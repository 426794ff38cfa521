import type { Logger } from '../../base/log.ts';
import { systemTimers, type Timers } from '../../connection/timers.ts';
import type { DeviceId } from '../../protocol/relay.ts';
import type { Rule } from '../../protocol/rules/rule.ts';
import type { AgentDriver, ApprovalOwner, SessionOwner } from '../agents/driver.ts';
import type { Handlers } from '../api/handlers.ts';
import type { EventLog, LogWriter } from '../event-log/event-log.ts';
import type { Store } from '../event-log/store.ts';
import type { Policy } from '../policy/policy.ts';
import type { Commands } from '../sessions/commands.ts';
import { checkedOutBranch } from './checked-out.ts';
import { DecisionLog, type DecisionAudit } from './decision-log.ts';
import { Desk } from './desk.ts';
import { Edits } from './edits.ts';
import { Expiry, type ApprovalSettings } from './expiry.ts';
import { Opening } from './opening.ts';
import { Proofs, type DecidingSurface, type KnownDevice } from './proofs.ts';

export interface DeskParts {
  readonly log: EventLog;
  readonly store: Store;
  readonly commands: Commands;
  readonly driver: AgentDriver;
  readonly owner: Pick<SessionOwner, 'settled'>;
  readonly policy: Pick<Policy, 'judge'>;
  readonly audit: DecisionAudit;
  readonly logger: Logger;
  readonly timers?: Timers;
  readonly rules: {
    used(tx: LogWriter, ruleId: string): void;
    save(rule: Rule, by: DecidingSurface): void | Promise<void>;
  };
  readonly devices: {
    find(id: DeviceId): KnownDevice | null;
    hostKey(): string;
    isFresh(device: DeviceId, text: string, response: Record<string, unknown>): Promise<boolean>;
  };
  settings(): ApprovalSettings;
  isNight(): boolean;
  now(): Date;
}

export interface ComposedDesk {
  readonly desk: Desk;
  /** For the driver. */
  readonly approvals: ApprovalOwner;
  readonly expiry: Expiry;
  readonly methods: Pick<Handlers, 'approval.list' | 'approval.decide' | 'approval.answer'>;
}

/** Where approvals are made, decided and ended. */
export function composeDesk(parts: DeskParts): ComposedDesk {
  const { log, store, driver, policy, logger, rules, devices, settings, isNight, now } = parts;
  const decisions = new DecisionLog(parts.audit);
  const edits = new Edits(store);
  const expiry = new Expiry({
    ...{ log, store, driver, decisions, logger, isNight, now },
    timers: parts.timers ?? systemTimers,
  });
  const approvals = new Opening({
    ...{ policy, driver, edits, settings, now },
    log: decisions,
    used: (tx, ruleId) => rules.used(tx, ruleId),
    branchOf: checkedOutBranch,
    expires: (tx) => tx.afterCommit(() => expiry.look()),
  });
  const proofs = new Proofs({
    device: (id) => devices.find(id),
    hostKey: () => devices.hostKey(),
    isFresh: async (device, text, response) => await devices.isFresh(device, text, response),
    logger,
  });
  const desk = new Desk({
    ...{ log, store, driver, proofs, edits, decisions },
    commands: parts.commands,
    owner: parts.owner,
    saveRule: (rule, by) => rules.save(rule, by),
  });
  return {
    ...{ desk, approvals, expiry },
    methods: {
      'approval.list': ({ sessionId }) => ({ approvals: desk.open(sessionId) }),
      'approval.decide': async (params, surface) => await desk.decide(params, surface),
      'approval.answer': async (params, surface) => await desk.answer(params, surface),
    },
  };
}
