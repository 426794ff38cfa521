import { useEffect, useState } from 'react';
import type { Approval } from '../../../src/protocol/approval/approval.ts';
import { useWorld } from '../../state/host-context.tsx';
import { en } from '../../strings/en.ts';
import type { Ending } from './settled.ts';

const t = en.approvals;
const LOOK_BACK_EVENTS = 40;

/**
 * For cards of sessions that are not followed: who decided those that are no longer open. Asks the
 * session's newest events, once for each.
 */
export function useWhoDecided(open: readonly Approval[]): ReadonlyMap<string, Ending> {
  const { link, store } = useWorld();
  const [found, setFound] = useState<ReadonlyMap<string, Ending>>(new Map());
  const [known, setKnown] = useState(open);
  const [gone, setGone] = useState<readonly Approval[]>([]);
  if (known !== open) {
    setKnown(open);
    setGone(known.filter(({ id }) => open.every((approval) => approval.id !== id)));
  }
  useEffect(() => {
    for (const approval of gone) {
      const { sessionId } = approval;
      const lastSeq = store.getState().sessions.find(({ id }) => id === sessionId)?.lastSeq ?? 0;
      const after = Math.max(0, lastSeq - LOOK_BACK_EVENTS);
      link.call('session.events', { sessionId, after, limit: 2 * LOOK_BACK_EVENTS }).then(
        ({ events }) => {
          for (const event of events) {
            if (event.type !== 'approval.decided' || event.approvalId !== approval.id) continue;
            const ending = { words: decidedWords(approval, event), reason: event.reason };
            setFound((map) => new Map([...map, [approval.id, ending]]));
          }
        },
        () => {
          // "Decided elsewhere" is said already; who it was is a courtesy.
        },
      );
    }
  }, [gone, link, store]);
  return found;
}

/** `Allowed in the tray menu`, `Answered in the terminal` … */
export function decidedWords(
  { kind }: Pick<Approval, 'kind'>,
  { allowed, by }: { readonly allowed: boolean; readonly by: string },
): string {
  const who = en.app.by(by);
  if (kind === 'question') return allowed ? t.answered(who) : t.declined(who);
  return allowed ? t.allowed(who) : t.denied(who);
}
