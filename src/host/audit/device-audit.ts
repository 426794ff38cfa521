import { z } from 'zod';
import type { Logger } from '../../base/log.ts';
import type { Handlers } from '../api/handlers.ts';
import type { SurfaceConnection } from '../api/surface-connection.ts';
import type { EventLog } from '../event-log/event-log.ts';
import type { Store } from '../event-log/store.ts';
import type { BookChange } from '../devices/device-book.ts';
import type { DeviceRecord } from '../devices/device-record.ts';
import type { Emitter } from '../../base/emitter.ts';
import type { Audit, AuditNote } from './trail.ts';

/** Meta: the devices as the audit log has told of them. */
const TOLD = 'auditDevices';

const toldSchema = z.record(
  z.string(),
  z.object({
    name: z.string(),
    role: z.string(),
    person: z.string(),
    /** Id of its credential. */
    passkey: z.string().nullable(),
  }),
);
type Told = z.infer<typeof toldSchema>;
type ToldDevice = Told[string];

export interface DeviceAuditNeeds {
  readonly audit: Audit;
  readonly log: Pick<EventLog, 'commit'>;
  readonly store: Pick<Store, 'meta'>;
  readonly book: {
    readonly trouble: string | null;
    readonly changed: Pick<Emitter<BookChange>, 'on'>;
    all(): readonly DeviceRecord[];
  };
  readonly owner: string;
  readonly logger: Logger;
}

/**
 * Tells the audit log of devices. They are kept in a file of their own, so an entry follows its
 * change instead of being in one transaction with it: what a host that dies in between has left
 * untold is found by comparing, at the next start.
 */
export class DeviceAudit {
  readonly #needs: DeviceAuditNeeds;
  /** Whose doing the change is that the book makes now. */
  #by: string | null = null;

  constructor(needs: DeviceAuditNeeds) {
    this.#needs = needs;
    needs.book.changed.on(({ kind }) => {
      if (kind !== 'seen') this.#tell(this.#by ?? 'host', false);
    });
  }

  /** What nobody has told yet. */
  start(): void {
    this.#tell('host', true);
  }

  /** Runs `change`, which changes the book before it returns, in the name of a surface. */
  as<T>(by: string, change: () => T): T {
    this.#by = by;
    try {
      return change();
    } finally {
      this.#by = null;
    }
  }

  /** The same handlers, each in the name of the surface that calls it. */
  named<M extends Partial<Handlers>>(methods: M): M {
    const named = Object.entries(methods).map(([name, handler]) => [
      name,
      (params: never, surface: SurfaceConnection): unknown =>
        this.as(surface.surface, () => handler(params, surface)),
    ]);
    // Each name keeps its own handler; TypeScript cannot see that through the loop.
    return Object.fromEntries(named) as M;
  }

  #tell(by: string, late: boolean): void {
    const { audit, log, book, logger } = this.#needs;
    // A book that cannot be read lets nobody in, and revokes nobody either.
    if (book.trouble !== null) return;
    try {
      const told = this.#told();
      const present = this.#present();
      const notes = differences(told, present);
      if (JSON.stringify(told) === JSON.stringify(present)) return;
      log.commit((tx) => {
        const who = audit.who(by);
        for (const { kind, what } of notes)
          audit.append(tx, { kind, who, what: late ? { ...what, late } : what });
        tx.putMeta(TOLD, JSON.stringify(present));
      });
    } catch (error) {
      // The change itself is done and durable; the next change or start tells of it.
      logger.error({ err: error }, 'a change of the devices is not in the audit log yet');
    }
  }

  #told(): Told {
    const text = this.#needs.store.meta(TOLD);
    return text === null ? {} : toldSchema.parse(JSON.parse(text));
  }

  #present(): Told {
    const { book, owner } = this.#needs;
    return Object.fromEntries(
      book.all().map(({ id, name, role, person = owner, passkey }) => {
        return [id, { name, role, person, passkey: passkey?.credential ?? null }];
      }),
    );
  }
}

type Difference = Pick<AuditNote, 'kind' | 'what'>;

/** Revoked ones first, then in the order of pairing. */
function differences(told: Told, present: Told): Difference[] {
  const gone = Object.entries(told).filter(([id]) => present[id] === undefined);
  return [
    ...gone.map(([device, { name, role, person }]): Difference => {
      return { kind: 'revoked', what: { device, name, role, person } };
    }),
    ...Object.entries(present).flatMap(([id, now]) => changesOf(id, told[id], now)),
  ];
}

function changesOf(device: string, before: ToldDevice | undefined, now: ToldDevice): Difference[] {
  const { name, role, person, passkey } = now;
  if (before === undefined) {
    const paired: Difference = { kind: 'paired', what: { device, name, role, person } };
    return passkey === null ? [paired] : [paired, passkeyNote(device, name, passkey)];
  }
  const changes: Difference[] = [];
  if (before.role !== role)
    changes.push({ kind: 'roleChanged', what: { device, name, from: before.role, to: role } });
  if (before.person !== person)
    changes.push({
      kind: 'personChanged',
      what: { device, name, from: before.person, to: person },
    });
  if (before.passkey !== passkey) changes.push(passkeyNote(device, name, passkey));
  return changes;
}

function passkeyNote(device: string, name: string, passkey: string | null): Difference {
  return { kind: 'passkeyChanged', what: { device, name, credential: passkey } };
}
