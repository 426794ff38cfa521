import type { AuditWatchNeeds } from '../../../src/connection/device/audit-watch.ts';
import type { Database } from './database.ts';
import type { Room } from './room.ts';

/** Where the newest entry of one host's audit log is kept. */
export function keptHead(database: Database, room: Room, hostId: string): AuditWatchNeeds['store'] {
  return {
    load: async () => (await database.run((db) => db.get('audits', hostId))) ?? null,
    save: async (kept) => {
      if (kept === null) await database.run((db) => db.delete('audits', hostId));
      else await room.write((db) => db.put('audits', kept, hostId));
    },
  };
}
