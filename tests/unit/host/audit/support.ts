import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '../../../../src/base/log.ts';
import { AuditKeys } from '../../../../src/host/audit/audit-key.ts';
import { AuditTrail } from '../../../../src/host/audit/trail.ts';
import { EventLog } from '../../../../src/host/event-log/event-log.ts';
import { openStore } from '../../../../src/host/event-log/sqlite-store.ts';
import type { Store } from '../../../../src/host/event-log/store.ts';
import { auditEntrySchema, type AuditEntry } from '../../../../src/protocol/audit.ts';

export const now = (): Date => new Date('2026-01-01T00:00:00.000Z');

/** A home's history with its audit log, on a real disk. */
export interface AuditHome {
  readonly folder: string;
  readonly keyPath: string;
  readonly troubles: (string | null)[];
  store: Store;
  log: EventLog;
  trail: AuditTrail;
  /** As the next host finds it. */
  reopen(): void;
  entries(): AuditEntry[];
  note(count?: number): void;
  end(): void;
}

export function auditHome(folder = mkdtempSync(join(tmpdir(), 'porchlight-audit-'))): AuditHome {
  const keyPath = join(folder, 'audit-key.json');
  const troubles: (string | null)[] = [];
  const open = () => {
    const store = openStore(join(folder, 'porchlight.db'), { log: silentLogger });
    const log = new EventLog(store, { now });
    const keys = new AuditKeys({ path: keyPath, now, trouble: (words) => troubles.push(words) });
    const trail = new AuditTrail({
      ...{ keys, now },
      rows: store.audit,
      epoch: store.epoch,
      who: (by) => ({ surface: by, person: 'ada' }),
      commit: (work) => log.commit(work),
    });
    return { store, log, trail };
  };
  const home: AuditHome = {
    ...{ folder, keyPath, troubles, ...open() },
    reopen: () => {
      home.store.close();
      Object.assign(home, open());
    },
    entries: () =>
      home.store.audit
        .entries(0, 10_000, Infinity)
        .map(({ text }) => auditEntrySchema.parse(JSON.parse(text))),
    note: (count = 1) => {
      for (let i = 0; i < count; i += 1)
        home.log.commit((tx) =>
          home.trail.append(tx, {
            kind: 'decided',
            who: home.trail.who('cli'),
            what: { approval: `a_${i}`, allowed: i % 2 === 0 },
          }),
        );
    },
    end: () => {
      home.store.close();
      rmSync(folder, { recursive: true });
    },
  };
  return home;
}
