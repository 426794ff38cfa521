import { lazy, Suspense, useCallback, useId, useState, type KeyboardEvent } from 'react';
import { en } from '../../strings/en.ts';
import { Icon } from '../../ui/icon.tsx';
import { ageOf, wholeTime } from '../../ui/time.ts';
import { useNow } from '../../ui/use-now.ts';
import { isMac } from '../keyboard/platform.ts';
import { shortcutOf } from '../keyboard/shortcuts.ts';
import { toolIcon } from '../transcript/tool-words.ts';
import type { ApprovalCardProps } from './card-props.ts';
import { SettledCard } from './settled-card.tsx';
import { ToolCard } from './tool-card.tsx';
import './approval-card.css';

/** Forms are a part of their own: a phone loads what it needs first before them. */
const QuestionCard = lazy(async () => ({
  default: (await import('./question-card.tsx')).QuestionCard,
}));

const t = en.approvals;
const AGE_EVERY_MS = 15_000;

/** The calmest thing on screen: what, where, why, the whole call, and two buttons. */
export function ApprovalCard(props: ApprovalCardProps) {
  const { approval, ending, agent, origin } = props;
  const cwd = approval.cwd ?? props.cwd;
  const nowMs = useNow(AGE_EVERY_MS);
  const titleId = useId();
  const isQuestion = approval.kind === 'question';
  const [card, heightPx] = useHeight();
  if (ending !== null)
    return <SettledCard approval={approval} ending={ending} heightPx={heightPx} />;
  return (
    <article
      ref={card}
      className="card"
      aria-labelledby={titleId}
      tabIndex={-1}
      onKeyDown={decideByKey}
      data-approval={approval.id}
      data-open="true"
    >
      <header className="card-head">
        <Icon name={toolIcon(approval.kind)} />
        <h2 id={titleId}>
          <span className="card-who">{agent}</span> {t.wants[approval.kind]}
        </h2>
        <span className="card-age" title={wholeTime(approval.createdAt)}>
          {t.ago(ageOf(approval.createdAt, nowMs))}
        </span>
      </header>
      {origin}
      {isQuestion ? (
        <Suspense fallback={<p className="card-question">{approval.title}</p>}>
          <QuestionCard {...props} />
        </Suspense>
      ) : (
        <ToolCard {...props} cwd={cwd} />
      )}
    </article>
  );
}

/** How high an element is, or was when it was last there. */
function useHeight(): readonly [(element: HTMLElement | null) => (() => void) | undefined, number] {
  const [heightPx, setHeightPx] = useState(0);
  const ref = useCallback((element: HTMLElement | null) => {
    if (element === null) return undefined;
    const observer = new ResizeObserver(() => setHeightPx(element.offsetHeight));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [ref, heightPx];
}

/** The keys work anywhere inside the card, through its buttons. */
function decideByKey(event: KeyboardEvent<HTMLElement>): void {
  const name = shortcutOf(event.nativeEvent, isMac());
  if (name !== 'allow' && name !== 'deny') return;
  event.preventDefault();
  // A key that is held down decides nothing more.
  if (event.repeat) return;
  event.currentTarget.querySelector<HTMLElement>(`[data-decides="${name}"]`)?.click();
}
