import type { Approval } from '../../protocol/approval/approval.ts';
import type { RuleRef } from '../../protocol/rules/rule-ref.ts';
import type { AuditKind, AuditWho } from '../../protocol/audit.ts';
import type { LogWriter } from '../event-log/event-log.ts';

/** What it needs of the audit log. */
export interface DecisionAudit {
  append(
    tx: LogWriter,
    note: {
      readonly kind: AuditKind;
      readonly who: AuditWho;
      readonly what: Readonly<Record<string, unknown>>;
    },
  ): void;
  /** Who stands behind a `by`. */
  who(by: string): AuditWho;
}

export interface DecidedNote {
  readonly allowed: boolean;
  readonly optionId: string | null;
  readonly by: string;
  readonly rule?: RuleRef;
  readonly reason?: string | undefined;
  readonly edited?: boolean;
  readonly fresh?: boolean;
}

/** Who decided what, for the audit log, in the transaction that decides it. */
export class DecisionLog {
  readonly #audit: DecisionAudit;

  constructor(audit: DecisionAudit) {
    this.#audit = audit;
  }

  decided(tx: LogWriter, approval: Approval, { by, ...note }: DecidedNote): void {
    const what = { ...aboutOf(approval), ...note };
    this.#audit.append(tx, { kind: 'decided', who: this.#audit.who(by), what });
  }

  /** Nobody decided. */
  closed(tx: LogWriter, approval: Approval, by: string, reason: 'expired'): void {
    const what = { ...aboutOf(approval), reason };
    this.#audit.append(tx, { kind: 'closed', who: this.#audit.who(by), what });
  }
}

function aboutOf({ id, sessionId, kind, hash, agent }: Approval) {
  return { session: sessionId, approval: id, kind, call: hash, ...(agent && { agent }) };
}
