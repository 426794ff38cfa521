import { join } from 'node:path';
import type { Home } from '../../local/home.ts';
import type { NamedDevice } from '../devices/by-device.ts';
import type { EventLog } from '../event-log/event-log.ts';
import type { Store } from '../event-log/store.ts';
import type { Problems } from '../problems.ts';
import { AuditKeys } from './audit-key.ts';
import { auditMethods, type AuditMethods } from './audit-methods.ts';
import { AuditTrail } from './trail.ts';
import { witness } from './witness.ts';
import { ownerName, whoIs } from './who.ts';

export interface AuditParts {
  readonly home: Home;
  readonly log: EventLog;
  readonly store: Store;
  readonly problems: Problems;
  now(): Date;
  /** What is kept of a prompt. */
  prompts(): 'hash' | 'text';
  /** Paired now. */
  devices(): readonly (NamedDevice & { readonly person?: string | undefined })[];
}

export interface ComposedAudit {
  readonly trail: AuditTrail;
  readonly methods: AuditMethods;
}

/** The audit log, and what else of it the host needs. */
export function composeAudit(parts: AuditParts): ComposedAudit {
  const { home, log, store, problems, now, devices, prompts } = parts;
  const owner = ownerName();
  const keys = new AuditKeys({
    path: join(home.root, 'audit-key.json'),
    now,
    trouble: (words) => problems.set('audit', words),
  });
  const trail = new AuditTrail({
    ...{ keys, now },
    rows: store.audit,
    epoch: store.epoch,
    who: (by) => whoIs(by, devices(), owner),
    commit: (work) => log.commit(work),
  });
  trail.noteRestored();
  log.witness = witness({ audit: trail, prompts });
  return { trail, methods: auditMethods(trail, store.audit) };
}
