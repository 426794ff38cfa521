import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { Approval } from '../../../src/protocol/approval/approval.ts';
import type { SessionState } from '../../../src/protocol/session/state.ts';
import { approvalKey, type TranscriptItems } from '../../../src/protocol/transcript/items-state.ts';
import { useAgentName } from '../../state/agent-name.ts';
import { en } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { withKeys } from '../keyboard/platform.ts';
import { commandOf } from '../transcript/tool-words.ts';
import { BatchBar } from '../batch/batch-bar.tsx';
import { ApprovalCard } from './approval-card.tsx';
import type { DiffPart } from './card-props.ts';
import { useClickGuard } from './click-guard.ts';
import { decidedWords } from './who-decided.ts';
import { useCards, type Ending } from './settled.ts';

const t = en.approvals;

/** The open approvals of one session, between its conversation and the message box. */
export function ApprovalDock({
  state,
  items,
  Diff,
}: {
  readonly state: SessionState;
  readonly items: TranscriptItems;
  readonly Diff: DiffPart;
}) {
  const [own, setOwn] = useState<ReadonlyMap<string, Ending>>(new Map());
  const endings = useMemo(() => new Map([...own, ...endingsIn(items, own)]), [items, own]);
  const agent = useAgentName(state.agent);
  const cards = useCards(state.approvals, endings, { words: t.elsewhere });
  const dock = useRef<HTMLElement>(null);
  const mayDecide = useClickGuard(
    cards.map(({ approval, ending }) => `${approval.id}${ending === null ? '' : '!'}`).join(' '),
  );
  const onSettled = useCallback((approvalId: string, ending: Ending) => {
    setOwn((before) => new Map([...before, [approvalId, ending]]));
  }, []);
  useFocusAfterDecision(
    dock,
    cards
      .filter(({ ending }) => ending === null)
      .map(({ approval }) => approval.id)
      .join(' '),
  );
  const [isTall, setTall] = useState(false);
  const [inner, isCut] = useIsCut(dock);
  if (cards.length === 0) return null;
  const open = cards.filter(({ ending }) => ending === null);
  const needsRoom = isTall || isCut || open.some(({ approval }) => isLong(approval));
  return (
    <section
      className={`dock ${isTall && needsRoom ? 'dock-tall' : ''}`}
      ref={dock}
      aria-label={t.region}
    >
      <div className="dock-inner" ref={inner}>
        {(open.length > 1 || needsRoom) && (
          <div className="dock-head">
            <p className="dock-several">{open.length > 1 && t.several(open.length)}</p>
            {needsRoom && (
              <Button
                look="quiet"
                id="dock-room"
                aria-expanded={isTall}
                onClick={() => setTall(!isTall)}
                {...withKeys('room')}
              >
                {isTall ? t.lessRoom : t.moreRoom}
              </Button>
            )}
          </div>
        )}
        <BatchBar approvals={state.approvals} />
        {cards.map((card) => (
          <ApprovalCard
            key={card.approval.id}
            approval={card.approval}
            ending={card.ending}
            agent={agent}
            cwd={state.cwd}
            Diff={Diff}
            mayDecide={mayDecide}
            onSettled={onSettled}
          />
        ))}
      </div>
    </section>
  );
}

/** Whether there is more in the dock than it shows. */
function useIsCut(
  dock: React.RefObject<HTMLElement | null>,
): readonly [(inner: HTMLElement | null) => (() => void) | undefined, boolean] {
  const [isCut, setCut] = useState(false);
  const ref = useCallback(
    (inner: HTMLElement | null) => {
      if (inner === null) return undefined;
      const observer = new ResizeObserver(() => {
        const box = dock.current;
        setCut(box !== null && box.scrollHeight > box.clientHeight + CUT_PX);
      });
      observer.observe(inner);
      return () => observer.disconnect();
    },
    [dock],
  );
  return [ref, isCut];
}

/** Less than this of a card is only its edge. */
const CUT_PX = 12;

/** More than the dock shows at once beside the conversation. */
const MANY_LINES = 12;

function isLong({ call }: Approval): boolean {
  const texts = call.diff.flatMap(({ oldText, newText }) => [oldText ?? '', newText]);
  return [commandOf(call.input) ?? '', ...texts].some(
    (text) => text.split('\n', MANY_LINES + 1).length > MANY_LINES,
  );
}

/** What the transcript says of recent approvals: who decided, or why they closed. */
function endingsIn(
  { items, positions }: TranscriptItems,
  own: ReadonlyMap<string, Ending>,
): [string, Ending][] {
  const found: [string, Ending][] = [];
  for (let i = items.length - 1; i >= Math.max(0, items.length - RECENT_ITEMS); i -= 1) {
    const item = items.at(i);
    if (item?.kind !== 'approval' || !positions.has(approvalKey(item.approval.id))) continue;
    const { decision, closed, approval } = item;
    if (decision === null && closed !== null)
      found.push([approval.id, { words: t.closed[closed] }]);
    if (decision === null || own.has(approval.id)) continue;
    const words = decidedWords(approval, decision);
    found.push([approval.id, { words, reason: decision.reason }]);
  }
  return found;
}

const RECENT_ITEMS = 60;

/** When the card with the focus was decided, the focus goes on to the next one, else to the message box. */
function useFocusAfterDecision(dock: React.RefObject<HTMLElement | null>, openIds: string): void {
  const hadFocus = useRef(false);
  useEffect(() => {
    const onFocus = (event: FocusEvent): void => {
      hadFocus.current = dock.current?.contains(event.target as Node) ?? false;
    };
    document.addEventListener('focusin', onFocus);
    return () => document.removeEventListener('focusin', onFocus);
  }, [dock]);
  useEffect(() => {
    const isLost = document.activeElement === document.body || document.activeElement === null;
    if (!hadFocus.current || !isLost) return;
    const next =
      dock.current?.querySelector<HTMLElement>('[data-open="true"]') ??
      document.getElementById('composer');
    next?.focus();
  }, [dock, openIds]);
}
