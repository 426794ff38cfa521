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
export function useWhoDecided(
  before: readonly Approval[],
  open: readonly Approval[],
): ReadonlyMap<string, Ending> {
  const { link, store } = useWorld();
  const [found, setFound] = useState<ReadonlyMap<string, Ending>>(new Map());
  const openIds = new Set(open.map(({ id }) => id as string));
  const goneKey = before
    .filter(({ id }) => !openIds.has(id))
    .map(({ id }) => id as string)
    .join(' ');
  useEffect(() => {
    for (const approval of before) {
      if (!goneKey.split(' ').includes(approval.id) || found.has(approval.id)) continue;
      const lastSeq =
        store.getState().sessions.find(({ id }) => id === approval.sessionId)?.lastSeq ?? 0;
      const after = Math.max(0, lastSeq - LOOK_BACK_EVENTS);
      link
        .call('session.events', {
          sessionId: approval.sessionId,
          after,
          limit: 2 * LOOK_BACK_EVENTS,
        })
        .then(
          ({ events }) => {
            for (const event of events) {
              if (event.type !== 'approval.decided' || event.approvalId !== approval.id) continue;
              const who = en.app.by(event.by);
              const isQuestion = approval.kind === 'question';
              const words = event.allowed
                ? isQuestion
                  ? t.answered(who)
                  : t.allowed(who)
                : isQuestion
                  ? t.declined(who)
                  : t.denied(who);
              setFound((map) => new Map([...map, [approval.id, { words, reason: event.reason }]]));
            }
          },
          // "Decided elsewhere" is said already; who it was is a courtesy.
          () => {},
        );
    }
    // eslint-disable-next-line react-hooks/exhaustive-deps -- asked once for each card that went away
  }, [goneKey]);
  return found;
}
