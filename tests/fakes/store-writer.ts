import { writeSync } from 'node:fs';
import { silentLogger } from '../../src/base/log.ts';
import { openStore } from '../../src/host/event-log/sqlite-store.ts';
import type { InstanceId, SessionId } from '../../src/protocol/ids.ts';

// Ids of a test; the schemas that brand them are at the program's edges.
export const sessions = ['s_aaaaaaaaaaa1' as SessionId, 's_bbbbbbbbbbb2' as SessionId] as const;
export const instance = 'i_aaaaaaaaaaa1' as InstanceId;

/** One commit's worth, told on stdout once it is durable. */
export interface Acknowledged {
  readonly batch: number;
  readonly seqs: readonly number[];
}

/**
 * Writes batches of 1 to 20 events to two sessions until it is killed. Batch number n also moves the
 * spool to n and puts outbox line n: all of it is there, or none.
 *
 * @public store-writer.mjs calls it, in a process of its own.
 */
export function writeUntilKilled(path: string): never {
  const store = openStore(path, { log: silentLogger });
  let batch = store.instances()[0]?.spoolOffset ?? 0;
  for (;;) {
    batch += 1;
    const seqs = store.commit((writer) => {
      if (batch === 1) writer.putInstance({ instance, agent: 'demo', shareKey: '', memo: null });
      writer.setSpoolOffset(instance, batch);
      writer.putOutbox(instance, `line ${batch}`);
      return sessions.map((id, of) => {
        writer.createSession(id);
        let seq = 0;
        for (let i = 0; i <= (batch * (7 + of)) % 20; i += 1)
          ({ seq } = writer.append(
            id,
            { type: 'agent.text', text: `${batch}` },
            '2026-01-01T00:00:00.000Z',
          ));
        return seq;
      });
    });
    const told: Acknowledged = { batch, seqs };
    writeSync(1, `${JSON.stringify(told)}\n`);
  }
}
