import type { RelayMessage } from '../protocol/relay.ts';

import type { NoteBook } from './notes/note-book.ts';

export type Role = 'host' | 'device' | 'guest';
export type RefusalCode = Extract<RelayMessage, { type: 'refused' }>['code'];

const ROLES: readonly Role[] = ['host', 'device', 'guest'];
const CODES: readonly RefusalCode[] = ['badProof', 'revoked', 'noRendezvous', 'busy', 'badMessage'];

/** What only the relay can count when it is asked. */
export interface Gauges {
  channels(): number;
  connections(): number;
  unreadBytes(): number;
  /** null: none are kept. */
  readonly notes: Pick<NoteBook, 'counts' | 'figures'> | null;
}

/**
 * Counts, never ids: what `/metrics` shows is all that is kept. Text as Prometheus reads it
 * (exposition format 0.0.4); names after its conventions.
 */
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

  text(gauges: Gauges): string {
    const p = 'porchlight_relay_';
    const { rss } = process.memoryUsage();
    const cpu = process.cpuUsage();
    return [
      gauge(`${p}connections`, 'Admitted connections.', roles(this.connected)),
      gauge(`${p}sockets`, 'Connections, admitted or not.', one(gauges.connections())),
      gauge(`${p}channels`, 'Channels that are known, one a host.', one(gauges.channels())),
      gauge(`${p}unread_bytes`, 'Bytes that clients have not taken.', one(gauges.unreadBytes())),
      counter(`${p}admitted_total`, 'Connections admitted so far.', roles(this.admitted)),
      counter(`${p}refused_total`, 'Admissions refused, by code.', codes(this.refused)),
      counter(`${p}turned_away_total`, 'Connections over a limit.', one(this.turnedAway)),
      counter(`${p}moved_total`, 'Connections sent to other nodes.', one(this.moved)),
      counter(`${p}frames_total`, 'Frames of cargo, by sender.', roles(this.frames)),
      counter(`${p}cargo_bytes_total`, 'Bytes of cargo, by sender.', roles(this.cargoBytes)),
      counter(`${p}dropped_frames_total`, 'Frames to nobody.', one(this.droppedFrames)),
      counter(`${p}held_total`, 'Times that a sender was made to wait.', one(this.held)),
      counter(`${p}slow_closes_total`, 'Closed for reading slowly.', roles(this.slowCloses)),
      counter(`${p}unanswered_total`, 'Ended for not answering a ping.', one(this.unanswered)),
      counter(`${p}hosts_replaced_total`, 'Hosts that came twice.', one(this.hostsReplaced)),
      counter(`${p}devices_cut_total`, 'Connections ended by revoking.', one(this.devicesCut)),
      ...notesOf(gauges.notes),
      gauge('process_resident_memory_bytes', 'Memory in RAM.', one(rss)),
      counter(
        'process_cpu_seconds_total',
        'CPU time, user and system.',
        one((cpu.user + cpu.system) / 1e6),
      ),
    ].join('');
  }
}

function notesOf(book: Gauges['notes']): string[] {
  if (book === null) return [];
  const p = 'porchlight_relay_notes_';
  const { counts } = book;
  const { notes, bytes } = book.figures();
  const sent = Object.entries(counts.sent).map(([outcome, count]): Sample => [
    `{outcome="${outcome}"}`,
    count,
  ]);
  return [
    gauge(`${p}kept`, 'Notes that hosts have left.', one(notes)),
    gauge(`${p}kept_bytes`, 'What they weigh.', one(bytes)),
    counter(`${p}left_total`, 'Notes left or renewed.', one(counts.left)),
    counter(`${p}not_kept_total`, 'Notes that were not taken.', one(counts.notKept)),
    counter(`${p}expired_total`, 'Notes that went out of date.', one(counts.expired)),
    counter(`${p}tries_total`, 'Requests to push services.', one(counts.tries)),
    counter(`${p}sent_total`, 'Notes that were due, by what came of them.', sent),
    counter(`${p}store_failures_total`, 'Writes that failed.', one(counts.storeFailures)),
  ];
}

type Sample = readonly [labels: string, value: number];

const byRole = (): Record<Role, number> => ({ host: 0, device: 0, guest: 0 });
const roles = (counts: Record<Role, number>): Sample[] =>
  ROLES.map((role) => [`{role="${role}"}`, counts[role]]);
const codes = (counts: ReadonlyMap<string, number>): Sample[] =>
  [...counts].map(([code, count]) => [`{code="${code}"}`, count]);
const one = (value: number): Sample[] => [['', value]];

const gauge = (name: string, help: string, samples: Sample[]): string =>
  family('gauge', name, help, samples);
const counter = (name: string, help: string, samples: Sample[]): string =>
  family('counter', name, help, samples);

function family(type: string, name: string, help: string, samples: Sample[]): string {
  const lines = samples.map(([labels, value]) => `${name}${labels} ${value}\n`);
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}
