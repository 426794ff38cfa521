import type { Emitter } from '../../base/emitter.ts';
import type { AttentionKind, NotifyPlace, Place } from '../../protocol/attention.ts';
import type { Role } from '../../protocol/devices.ts';
import type { ApprovalId, SessionId } from '../../protocol/ids.ts';

/** One telling of one thing, as every place is given it. Words are made once, here. */
export interface Notice {
  /** The item's id; of a digest `digest:<place>`. The same again takes the place of the older one. */
  readonly id: string;
  /**
   * Grows with each telling of the id at one place, over restarts too, not always by one: nothing is
   * shown twice.
   */
  readonly round: number;
  readonly kind: AttentionKind;
  readonly title: string;
  readonly body: string;
  /** For places whose server reads along: no title of a session, no word of a call. */
  readonly bare: string;
  readonly at: string;
  readonly sessionId?: SessionId;
  readonly approvalId?: ApprovalId;
  /**
   * Set where it may be decided from the notification: below the risk line, no fresh check of the
   * person, and `body` shows the whole call.
   */
  readonly hash?: string;
  /** To be heard. */
  readonly loud: boolean;
  /** It was told there before, perhaps by an earlier host, and may stand there. */
  readonly again?: boolean;
  /** Of a digest. */
  readonly count?: number;
}

/** Somewhere outside of the surfaces in use where a person can be told. */
export interface Outlet {
  readonly place: Place;
  readonly kind: NotifyPlace['kind'];
  /** What may be done there about an approval; `ntfy` and `webhook` are the owner's. */
  readonly role: Role;
  /** Kinds that the device asked for; null: all. */
  readonly kinds: ReadonlySet<AttentionKind> | null;
  /** When a person was last active there, by the wall clock; null: not known. */
  readonly activeAtMs: number | null;
}

export interface Handed {
  readonly place: Place;
  readonly id: string;
  readonly round: number;
  /** `given up`: retried until its time was over, or the place is gone. */
  readonly outcome: 'handed' | 'given up';
  readonly problem: string | null;
  readonly atMs: number;
}

export interface Withdrawn {
  readonly place: Place;
  readonly ids: readonly string[];
}

/**
 * Delivers to outlets: per place in order, retried with backoff where a try failed, newest telling of
 * an id only, bounded. Never throws; what becomes of a notice is told by `handed`. It need remember
 * nothing over a restart: attention does, and asks again for what no `handed` or `withdrawn` came of.
 */
export interface Courier {
  outlets(): readonly Outlet[];
  readonly outletsChanged: Pick<Emitter<void>, 'on'>;
  /**
   * `badge`: how many things ask for a person now. After a restart the same id and round may come
   * again, since nobody knows how far the earlier host got.
   */
  show(place: Place, notice: Notice, badge: number): void;
  /**
   * There each was, or still waits to be, shown; maybe by an earlier host. Also retried. What was not
   * tried yet is not sent any more. A place that is gone meanwhile says nothing of it: it is asked
   * again when the place is back. `upToRound`: what was told there up to this round is taken back; the
   * same id may be told anew, as when others that it was told with are over.
   */
  withdraw(place: Place, ids: readonly string[], badge: number, upToRound?: number): void;
  readonly handed: Pick<Emitter<Handed>, 'on'>;
  /** Taken back there, or nothing more can be done about it. */
  readonly withdrawn: Pick<Emitter<Withdrawn>, 'on'>;
}
