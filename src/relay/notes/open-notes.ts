import type { Logger } from '../../base/log.ts';
import { guardedPost } from '../../outbound/guarded-post.ts';
import type { Clock } from '../clock.ts';
import type { StoreTimes } from '../metrics/store-times.ts';
import { FileStore } from './file-store.ts';
import { NoteBook, type NoteLimits } from './note-book.ts';

export interface NoteOptions extends NoteRules {
  readonly folder: string;
}

export interface NoteRules {
  /** `host` or `host:port` of push services that may be private, and plain http. */
  readonly allowPush: readonly string[];
  readonly limits: NoteLimits;
}

/** Notes in a folder, sent over the network. Throws in words. */
export async function openNotes(
  { folder, allowPush, limits }: NoteOptions,
  clock: Clock,
  log: Logger,
  times: StoreTimes,
): Promise<NoteBook> {
  let onFailed: (problem: string) => void = () => {};
  const book = await NoteBook.open({
    store: times.ofNotes(new FileStore(folder, clock, (problem) => onFailed(problem))),
    post: async (request) => await guardedPost({ ...request, allowHosts: allowPush }),
    wallMs: () => Date.now(),
    random: () => Math.random(),
    ...{ clock, limits, log },
  });
  onFailed = (problem) => book.storeFailed(problem);
  return book;
}
