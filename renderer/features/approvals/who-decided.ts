import { useEffect, useState } from 'react';
import type { Approval } from '../../../src/protocol/approval/approval.ts';
import type { ApprovalDecision } from '../../../src/protocol/transcript/item.ts';
import { useWorld } from '../../state/host-context.tsx';
import { en } from '../../strings/en.ts';
import { risk as r } from '../../strings/risk.ts';
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

/** `Allowed in the tray menu`, `Answered on Pixel 9 · Ada`, `Denied by a rule: deny …` */
export function decidedWords(
  { kind }: Pick<Approval, 'kind'>,
  {
    allowed,
    by,
    person,
    rule,
    edited,
  }: Pick<ApprovalDecision, 'allowed' | 'by'> &
    Partial<Pick<ApprovalDecision, 'person' | 'rule' | 'edited'>>,
): string {
  if (rule !== undefined) return r.byRule(allowed, rule.text);
  const who = en.app.by(by);
  const did =
    kind === 'question'
      ? allowed
        ? t.answered(who)
        : t.declined(who)
      : allowed
        ? t.allowed(who)
        : t.denied(who);
  const words = person === undefined ? did : r.person(did, person);
  return edited === undefined ? words : `${words}. ${r.edited}`;
}
