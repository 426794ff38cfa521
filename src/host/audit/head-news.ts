import type { Emitter } from '../../base/emitter.ts';
import type { AuditHead } from '../../protocol/audit.ts';

export const TELL_EVERY_MS = 5_000;

/**
 * Tells the newest entry, at most one every {@link TELL_EVERY_MS}: a busy agent makes many. Returns
 * the stop.
 */
export function headNews(
  changed: Emitter<AuditHead>,
  after: (ms: number, run: () => void) => () => void,
  tell: (head: AuditHead) => void,
): () => void {
  let waiting: AuditHead | null = null;
  let cancel: (() => void) | null = null;
  const rest = (): void => {
    cancel = after(TELL_EVERY_MS, () => {
      cancel = null;
      if (waiting === null) return;
      tell(waiting);
      waiting = null;
      rest();
    });
  };
  const undo = changed.on((head) => {
    if (cancel !== null) return void (waiting = head);
    tell(head);
    rest();
  });
  return () => {
    undo();
    cancel?.();
  };
}
