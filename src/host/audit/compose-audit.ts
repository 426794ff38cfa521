import { join } from 'node:path';
import type { Logger } from '../../base/log.ts';
import { systemTimers } from '../../connection/timers.ts';
import type { AuditHead } from '../../protocol/audit.ts';
import type { SurfaceConnection } from '../api/surface-connection.ts';
import type { Home } from '../../local/home.ts';
import type { NamedDevice } from '../devices/by-device.ts';
import type { EventLog } from '../event-log/event-log.ts';
import type { Store } from '../event-log/store.ts';
import type { Problems } from '../problems.ts';
import { DeviceAudit, type DeviceAuditNeeds } from './device-audit.ts';
import { HeadFile } from './head-file.ts';
import { followHeads, HeadPulse, type HeadSurface } from './head-pulse.ts';
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
  /** `audit.headFile` of config.json. */
  headFile(): string | undefined;
  /** What is kept of a prompt. */
  prompts(): 'hash' | 'text';
  /** Paired now. */
  devices(): readonly (NamedDevice & { readonly person?: string | undefined })[];
}

export interface ComposedAudit {
  readonly trail: AuditTrail;
  readonly methods: AuditMethods;
  /** Names the head to a surface that follows the desk, and each new one from then on. */
  follow(surface: HeadSurface & Pick<SurfaceConnection, 'hold'>): { auditHead: AuditHead | null };
  /** Whose the surfaces of this machine are. */
  readonly owner: string;
  /** Tells of the paired devices from here on, and of what nobody has told yet. */
  watchDevices(book: DeviceAuditNeeds['book'], logger: Logger): DeviceAudit;
  close(): void;
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
  const pulse = new HeadPulse({ changed: trail.changed, timers: systemTimers });
  const file = new HeadFile({
    path: () => parts.headFile(),
    now,
    trouble: (words) => problems.set('auditHead', words),
  });
  pulse.heads.on((head) => file.add(head));
  if (trail.head !== null) file.add(trail.head);
  return {
    trail,
    owner,
    watchDevices: (book, logger) => {
      const told = new DeviceAudit({ audit: trail, log, store, book, owner, logger });
      told.start();
      return told;
    },
    methods: auditMethods(trail, store.audit),
    follow: (surface) => {
      surface.hold('auditHead', () => followHeads(pulse.heads, surface));
      return { auditHead: trail.head };
    },
    close: () => pulse.close(),
  };
}
