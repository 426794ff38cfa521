import { useVirtualizer } from '@tanstack/react-virtual';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { TranscriptItem } from '../../../src/protocol/transcript/item.ts';
import type { OpenSession } from '../../state/host-state.ts';
import { useWorld } from '../../state/host-context.tsx';
import { en } from '../../strings/en.ts';
import { Icon } from '../../ui/icon.tsx';
import { rove } from '../../ui/roving.ts';
import { withKeys } from '../keyboard/platform.ts';
import { FoldsContext } from './folds.tsx';
import { ItemView } from './item-view.tsx';
import './transcript.css';

const t = en.transcript;
/** As close to the end as this counts as being there. */
const NEAR_END_PX = 60;
/** Earlier pages are asked for this far ahead. */
const NEAR_START_PX = 1_600;
const HEAD_PX = 56;

export function Transcript({ open }: { readonly open: OpenSession }) {
  const { link } = useWorld();
  const { items } = open.items;
  const scroll = useRef<HTMLDivElement>(null);
  const [folds] = useState(() => new Map<string, boolean>());
  const [atEnd, setAtEnd] = useState(true);
  const [seenSeq, setSeenSeq] = useState(open.items.lastSeq);
  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroll.current,
    estimateSize: (index) => estimate(items.at(index)),
    getItemKey: (index) => items.at(index)?.key ?? index,
    overscan: 6,
    paddingStart: HEAD_PX,
    paddingEnd: 20,
    anchorTo: 'end',
    followOnAppend: true,
    scrollEndThreshold: NEAR_END_PX,
    // The first paint is of the end, where the person wants to be.
    initialOffset: () => Number.MAX_SAFE_INTEGER,
    useAnimationFrameWithResizeObserver: true,
  });
  const toEnd = useCallback(() => virtual.scrollToEnd(), [virtual]);

  // Once, when the session opens: measured rows may be taller than guessed.
  useEffect(() => virtual.scrollToEnd(), [virtual, open.sessionId]);

  // A strip above or a taller composer below takes room away: who was at the end stays there.
  const isAtEnd = useRef(atEnd);
  isAtEnd.current = atEnd;
  useEffect(() => {
    const element = scroll.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => {
      if (isAtEnd.current) virtual.scrollToEnd();
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [virtual]);

  const onScroll = (): void => {
    const element = scroll.current;
    if (element === null) return;
    const isNear = element.scrollHeight - element.scrollTop - element.clientHeight <= NEAR_END_PX;
    setAtEnd(isNear);
    if (isNear) setSeenSeq(open.items.lastSeq);
    if (element.scrollTop < NEAR_START_PX) void link.loadEarlier();
  };
  useEffect(() => {
    if (atEnd) setSeenSeq(open.items.lastSeq);
  }, [atEnd, open.items.lastSeq]);
  // A page may be shorter than the window: then there is nothing to scroll, and the next is needed.
  useEffect(() => {
    const element = scroll.current;
    if (
      element !== null &&
      open.earlier > 0 &&
      !open.loadingEarlier &&
      element.scrollTop < NEAR_START_PX
    )
      void link.loadEarlier();
  }, [link, open.earlier, open.loadingEarlier, items.length]);

  const hasNew = !atEnd && open.items.lastSeq > seenSeq;
  return (
    <FoldsContext.Provider value={folds}>
      <div className="transcript">
        <h2 className="unseen">{t.label}</h2>
        <div
          className="transcript-scroll"
          ref={scroll}
          onScroll={onScroll}
          onKeyDown={(event) => rove(event)}
          tabIndex={0}
          role="log"
          aria-live="off"
          aria-label={t.label}
          id="transcript"
        >
          <div className="transcript-tall" style={{ height: virtual.getTotalSize() }}>
            <p className="transcript-head">{open.earlier > 0 ? t.earlier : t.start}</p>
            {virtual.getVirtualItems().map(({ index, key, start }) => {
              const item = items.at(index);
              return item === undefined ? null : (
                <div
                  key={key}
                  data-index={index}
                  ref={virtual.measureElement}
                  className={`row row-${item.kind}`}
                  style={{ transform: `translateY(${start}px)` }}
                >
                  <div className="row-inner">
                    <ItemView item={item} cwd={open.state?.cwd ?? ''} />
                  </div>
                </div>
              );
            })}
          </div>
        </div>
        {!atEnd && (
          <button
            type="button"
            className={`to-end ${hasNew ? 'to-end-new' : ''}`}
            onClick={toEnd}
            id="to-newest"
            aria-label={hasNew ? t.newBelow : t.toEnd}
            title={withKeys('newest').shortcut}
            aria-keyshortcuts={withKeys('newest')['aria-keyshortcuts']}
          >
            <Icon name="down" />
            {hasNew && <span>{t.newBelow}</span>}
          </button>
        )}
      </div>
    </FoldsContext.Provider>
  );
}

const LINE_CHARS = 84;
const LINE_PX = 24;

/** A first guess of a row's height; measured once it is on screen. */
function estimate(item: TranscriptItem | undefined): number {
  switch (item?.kind) {
    case 'text':
      return 44 + Math.ceil(item.text.length / LINE_CHARS) * LINE_PX;
    case 'prompt':
      return 72;
    case 'plan':
      return 60 + item.entries.length * 26;
    case 'tool':
    case 'thought':
      return 38;
    default:
      return 40;
  }
}
