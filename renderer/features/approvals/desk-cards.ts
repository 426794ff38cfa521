import { useCallback, useMemo, useState } from 'react';
import type { Approval } from '../../../src/protocol/approval/approval.ts';
import { en } from '../../strings/en.ts';
import { useClickGuard } from './click-guard.ts';
import { useCards, type Ending } from './settled.ts';
import { useWhoDecided } from './who-decided.ts';

/** The approvals of all sessions as cards: the open ones, and for a moment those just settled. */
export function useDeskCards(approvals: readonly Approval[]) {
  const [own, setOwn] = useState<ReadonlyMap<string, Ending>>(new Map());
  const others = useWhoDecided(approvals);
  const endings = useMemo(() => new Map([...others, ...own]), [others, own]);
  const list = useCards(approvals, endings, { words: en.approvals.elsewhere });
  const openCount = list.filter(({ ending }) => ending === null).length;
  const mayDecide = useClickGuard(
    list.map(({ approval, ending }) => `${approval.id}${ending === null ? '' : '!'}`).join(' '),
  );
  const onSettled = useCallback(
    (approvalId: string, ending: Ending) =>
      setOwn((before) => new Map([...before, [approvalId, ending]])),
    [],
  );
  return { list, openCount, mayDecide, onSettled };
}
