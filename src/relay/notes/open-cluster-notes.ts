import type { Logger } from '../../base/log.ts';
import { guardedPost } from '../../outbound/guarded-post.ts';
import type { Clock } from '../clock.ts';
import type { Bus } from '../cluster/bus.ts';
import type { NodeId } from '../cluster/peers.ts';
import type { Subjects } from '../cluster/subjects.ts';
import { ClusterNotes } from './cluster-notes.ts';
import type { LeaseStore } from './lease-store.ts';
import type { SharedNoteStore } from './note-store.ts';
import type { NoteRules } from './open-notes.ts';

/** What a node needs of its cluster to take part in keeping notes. */
export interface NotesOfCluster {
  readonly self: NodeId;
  readonly bus: Bus;
  readonly subjects: Subjects;
  readonly lease: LeaseStore;
  openStore(onFailed: (problem: string) => void): SharedNoteStore;
}

/** Notes in what all nodes can read, sent over the network by one of them. */
export function openClusterNotes(
  { self, bus, subjects, lease, openStore }: NotesOfCluster,
  { allowPush, limits }: NoteRules,
  clock: Clock,
  log: Logger,
): ClusterNotes {
  return new ClusterNotes({
    ...{ self, bus, lease, openStore, clock, limits, log },

    subject: subjects.notes,
    post: async (request) => await guardedPost({ ...request, allowHosts: allowPush }),
    wallMs: () => Date.now(),
    random: () => Math.random(),
  });
}
