import { performance } from 'node:perf_hooks';
import type { RelayMessage } from '../protocol/relay.ts';
import type { RelayNotes } from './notes/note-desk.ts';
import { by, counter, exposition, gauge, type Family } from './metrics/exposition.ts';

export type Role = 'host' | 'device' | 'guest';
export type RefusalCode = Extract<RelayMessage, { type: 'refused' }>['code'];

const CODES: readonly RefusalCode[] = ['badProof', 'revoked', 'noRendezvous', 'busy', 'badMessage'];

/** What only the relay can count when it is asked. */
export interface Gauges {
  readonly version: string;
  readonly maxConnections: number;
  isReady(): boolean;
  channels(): number;
  connections(): number;
  unreadBytes(): number;
  /** null: none are kept. */
  readonly notes: Pick<RelayNotes, 'counts' | 'figures' | 'isKeeper' | 'waiting'> | null;
}

/** Counts, never ids: what `/metrics` shows is all that is kept. Names after Prometheus' conventions. */
export class Metrics {
  readonly connected = byRole();
  readonly admitted = byRole();
  readonly frames = byRole();
  readonly cargoBytes = byRole();
  readonly slowCloses = byRole();
  readonly refused = new Map<RefusalCode, number>(CODES.map((code) => [code, 0]));
  /** Cargo for a slot, or from a device, at whose other end nobody was. */
  droppedFrames = 0;
  hostsReplaced = 0;
  devicesCut = 0;
  /** Sent to another node. */
  moved = 0;
  /** Turned away before any admission, by a limit on connections. */
  turnedAway = 0;
  unanswered = 0;
  held = 0;
  readonly #more: (() => readonly Family[])[] = [];

  /** Somebody was admitted, or has gone. */
  count(role: Role, by: 1 | -1): void {
    this.connected[role] += by;
    if (by === 1) this.admitted[role] += 1;
  }

  /** Another part of the relay that counts: asked each time. */
  add(families: () => readonly Family[]): void {
    this.#more.push(families);
  }

  text(gauges: Gauges): string {
    return exposition([
      ...this.#own(gauges),
      ...notesOf(gauges.notes),
      ...this.#more.flatMap((families) => families()),
      ...ofProcess(),
    ]);
  }

  #own(gauges: Gauges): Family[] {
    return [
      gauge('build_info', 'Always 1; the version is its label.', [
        [`{version="${gauges.version.replaceAll(/[^\w.+-]/g, '_')}"}`, 1],
      ]),
      gauge('ready', '1 while /readyz says that it is ready.', gauges.isReady() ? 1 : 0),
      gauge('connections', 'Admitted connections.', by('role', this.connected)),
      gauge('sockets', 'Connections, admitted or not.', gauges.connections()),
      gauge('sockets_limit', 'So many there may be.', gauges.maxConnections),
      gauge('channels', 'Channels that are known, one a host.', gauges.channels()),
      gauge('unread_bytes', 'Bytes that clients have not taken.', gauges.unreadBytes()),
      counter('admitted_total', 'Connections admitted so far.', by('role', this.admitted)),
      counter(
        'refused_total',
        'Admissions refused, by code.',
        by('code', Object.fromEntries(this.refused)),
      ),
      counter('turned_away_total', 'Connections over a limit.', this.turnedAway),
      counter('moved_total', 'Connections sent to other nodes.', this.moved),
      counter('frames_total', 'Frames of cargo, by sender.', by('role', this.frames)),
      counter('cargo_bytes_total', 'Bytes of cargo, by sender.', by('role', this.cargoBytes)),
      counter('dropped_frames_total', 'Frames to nobody.', this.droppedFrames),
      counter('held_total', 'Times that a sender was made to wait.', this.held),
      counter('slow_closes_total', 'Closed for reading slowly.', by('role', this.slowCloses)),
      counter('unanswered_total', 'Ended for not answering a ping.', this.unanswered),
      counter('hosts_replaced_total', 'Hosts that came twice.', this.hostsReplaced),
      counter('devices_cut_total', 'Connections ended by revoking.', this.devicesCut),
    ];
  }
}

function notesOf(book: Gauges['notes']): Family[] {
  if (book === null) return [];
  const { counts } = book;
  const { notes, bytes } = book.figures();
  return [
    gauge('notes_kept', 'Notes that hosts have left.', notes),
    ...(book.isKeeper === undefined
      ? []
      : [
          gauge('notes_keeper', 'Whether this node keeps the notes of all.', book.isKeeper ? 1 : 0),
          gauge('notes_waiting', 'Words of hosts here that are not kept yet.', book.waiting ?? 0),
        ]),
    gauge('notes_kept_bytes', 'What they weigh.', bytes),
    counter('notes_left_total', 'Notes left or renewed.', counts.left),
    counter('notes_not_kept_total', 'Notes that were not taken.', counts.notKept),
    counter('notes_expired_total', 'Notes that went out of date.', counts.expired),
    counter('notes_tries_total', 'Requests to push services.', counts.tries),
    counter(
      'notes_sent_total',
      'Notes that were due, by what came of them.',
      by('outcome', { ...counts.sent }),
    ),
    counter('notes_store_failures_total', 'Writes that failed.', counts.storeFailures),
  ];
}

/** One thread does it all: how much of its time is taken says how much room is left. */
function ofProcess(): Family[] {
  const cpu = process.cpuUsage();
  const { active } = performance.eventLoopUtilization();
  const plain = (type: 'gauge' | 'counter', name: string, help: string, value: number): Family => ({
    ...{ name, help, type },
    samples: [['', value]],
  });
  return [
    counter('busy_seconds_total', 'Time that the one thread was at work.', active / 1_000),
    plain('gauge', 'process_resident_memory_bytes', 'Memory in RAM.', process.memoryUsage().rss),
    plain(
      'gauge',
      'process_start_time_seconds',
      'When it was started, since 1970.',
      Math.round(performance.timeOrigin) / 1_000,
    ),
    plain(
      'counter',
      'process_cpu_seconds_total',
      'CPU time, user and system.',
      (cpu.user + cpu.system) / 1e6,
    ),
  ];
}

const byRole = (): Record<Role, number> => ({ host: 0, device: 0, guest: 0 });
