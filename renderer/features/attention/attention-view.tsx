import { useState } from 'react';
import type { AttentionItem, AttentionKind, NotifyPlace } from '../../../src/protocol/attention.ts';
import { useHost, useWorld } from '../../state/host-context.tsx';
import { openOverlay, showToast } from '../../state/view-store.ts';
import { attention as t } from '../../strings/attention.ts';
import { Button } from '../../ui/button.tsx';
import { Icon, type IconName } from '../../ui/icon.tsx';
import { Shown } from '../../ui/shown.tsx';
import { ageOf, clockOf, wholeTime } from '../../ui/time.ts';
import { useNow } from '../../ui/use-now.ts';
import { useNotify } from '../notify/use-notify.ts';
import { toldWords } from './told-words.ts';
import './attention.css';

const AGES_EVERY_MS = 10_000;
const ICONS: Readonly<Record<AttentionKind, IconName>> = {
  decision: 'bell',
  question: 'question',
  machine: 'laptop',
  failed: 'alert',
  parked: 'clock',
  finished: 'check',
};
const NO_PLACES: readonly NotifyPlace[] = [];

/** What asks for the person, oldest first, and where they were told of it. */
export function AttentionView() {
  const attention = useHost((host) => host.attention);
  const { notify } = useNotify();
  const nowMs = useNow(AGES_EVERY_MS);
  const items = attention?.items ?? [];
  return (
    <div className="attention">
      {attention?.quietUntil != null && (
        <p className="attention-quiet" role="status">
          <Icon name="moon" /> {t.quiet(clockOf(attention.quietUntil, nowMs))}
        </p>
      )}
      {items.length === 0 ? (
        <p role="status">{attention === null ? t.unknown : t.none}</p>
      ) : (
        <ul role="list" aria-label={t.list}>
          {items.map((item) => (
            <Row key={item.id} item={item} places={notify?.places ?? NO_PLACES} nowMs={nowMs} />
          ))}
        </ul>
      )}
      <div className="dialog-acts">
        <Button
          look="quiet"
          icon={<Icon name="settings" />}
          onClick={() => openOverlay({ name: 'notify' })}
        >
          {t.settings}
        </Button>
      </div>
    </div>
  );
}

interface RowProps {
  readonly item: AttentionItem;
  readonly places: readonly NotifyPlace[];
  readonly nowMs: number;
}

function Row({ item, places, nowMs }: RowProps) {
  const { acts } = useWorld();
  const { id, kind, sessionId, title, text, since, seenAt } = item;
  const { told, failures } = toldWords(item, places, nowMs);
  const isSettledBySeeing = kind !== 'decision' && kind !== 'question';
  return (
    <li className="attention-item" data-attends={id} data-kind={kind}>
      <Icon name={ICONS[kind]} />
      <div className="attention-words">
        <span className="attention-kind" title={wholeTime(since)}>
          {t.since(t.kinds[kind], ageOf(since, nowMs))}
        </span>
        <strong>
          <Shown text={title} />
        </strong>
        <span>
          <Shown text={text} />
        </span>
        <span className="attention-told">
          {told}
          {seenAt !== null && ` ${t.wasSeen}`}
        </span>
        {failures.map((words) => (
          <span key={words} className="attention-failed">
            <Shown text={words} />
          </span>
        ))}
      </div>
      <div className="attention-acts">
        {sessionId !== undefined && <Button onClick={() => acts.show(sessionId)}>{t.open}</Button>}
        {isSettledBySeeing && seenAt === null && <Seen id={id} />}
      </div>
    </li>
  );
}

function Seen({ id }: Pick<AttentionItem, 'id'>) {
  const { link } = useWorld();
  const isUp = useHost((host) => host.link.kind === 'up');
  const [isAsked, setAsked] = useState(false);
  return (
    <Button
      look="quiet"
      title={t.seenHint}
      disabled={!isUp || isAsked}
      onClick={() => {
        setAsked(true);
        link.call('attention.seen', { ids: [id] }).catch((error: unknown) => {
          setAsked(false);
          showToast(error instanceof Error ? error.message : String(error));
        });
      }}
    >
      {t.seen}
    </Button>
  );
}
