import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef, useState } from 'react';
import type { FileDiff } from '../../../src/protocol/approval/approval.ts';
import { en } from '../../strings/en.ts';
import { Shown } from '../../ui/shown.tsx';
import { diffRows, stretches, type DiffRow, type DiffView as RowsView } from './diff-rows.ts';
import { shortPath } from './short-path.ts';
import './diff-view.css';

const t = en.diff;
const CONTEXT_LINES = 3;
const ROW_PX = 20;
/** More rows than this are only drawn where they are seen. */
const MAX_PLAIN_ROWS = 300;

type Line =
  | { readonly key: string; readonly row: DiffRow }
  | { readonly key: string; readonly fold: number; readonly lines: number };

/** One file's change, every line of it, with numbers and signs. What does not change can be unfolded. */
export function DiffView({ diff, cwd }: { readonly diff: FileDiff; readonly cwd?: string }) {
  const view = useMemo(() => diffRows(diff.oldText, diff.newText), [diff.oldText, diff.newText]);
  return (
    <DiffFigure
      view={view}
      name={shortPath(diff.path, cwd)}
      path={diff.path}
      isNew={diff.oldText === null}
    />
  );
}

export interface DiffFigureProps {
  readonly view: RowsView;
  readonly name: string;
  readonly path: string;
  readonly isNew: boolean;
  /** What is said where there is no line to show. */
  readonly none?: string;
}

/** The lines of one file's change, wherever they come from. */
export function DiffFigure({ view, name, path, isNew, none = t.same }: DiffFigureProps) {
  const [unfolded, setUnfolded] = useState<ReadonlySet<number>>(new Set());
  const lines = useMemo(() => linesOf(view.rows, unfolded), [view, unfolded]);
  const longest = useMemo(
    () =>
      lines.reduce(
        (most, line) =>
          'row' in line && 'text' in line.row ? Math.max(most, widthOf(line.row.text)) : most,
        0,
      ),
    [lines],
  );
  const unfold = (fold: number): void => setUnfolded(new Set([...unfolded, fold]));
  return (
    <figure className="diff">
      <figcaption className="diff-head">
        <span className="diff-path code" title={path}>
          <Shown text={name} />
        </span>
        {isNew && <span className="diff-new">{t.newFile}</span>}
        <span className="diff-count" title={t.linesWords(view.plus, view.minus)}>
          {t.lines(view.plus, view.minus)}
        </span>
      </figcaption>
      {lines.length === 0 ? (
        <p className="diff-none">{none}</p>
      ) : (
        <Lines
          lines={lines}
          longest={longest}
          label={`${name}, ${t.linesWords(view.plus, view.minus)}`}
          onUnfold={unfold}
        />
      )}
    </figure>
  );
}

interface LinesProps {
  readonly lines: readonly Line[];
  readonly longest: number;
  readonly label: string;
  readonly onUnfold: (fold: number) => void;
}

function Lines({ lines, longest, label, onUnfold }: LinesProps) {
  const scroll = useRef<HTMLDivElement>(null);
  const isLong = lines.length > MAX_PLAIN_ROWS;
  const virtual = useVirtualizer({
    count: isLong ? lines.length : 0,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW_PX,
    overscan: 20,
  });
  const width = { minWidth: `calc(${longest}ch + 8rem)` };
  return (
    <div className="diff-scroll" ref={scroll} tabIndex={0} role="group" aria-label={label}>
      {isLong ? (
        <div className="diff-tall" style={{ ...width, height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index, start, key }) => {
            const line = lines[index];
            return line === undefined ? null : (
              <div key={key} className="diff-place" style={{ transform: `translateY(${start}px)` }}>
                <LineView line={line} onUnfold={onUnfold} />
              </div>
            );
          })}
        </div>
      ) : (
        <div style={width}>
          {lines.map((line) => (
            <LineView key={line.key} line={line} onUnfold={onUnfold} />
          ))}
        </div>
      )}
    </div>
  );
}

function LineView({
  line,
  onUnfold,
}: {
  readonly line: Line;
  readonly onUnfold: (fold: number) => void;
}) {
  if (!('row' in line))
    return (
      <button type="button" className="diff-fold" onClick={() => onUnfold(line.fold)}>
        {t.unchanged(line.lines)}
      </button>
    );
  const { row } = line;
  if (row.kind === 'noNewline') return <div className="diff-row diff-note">{t.noNewline}</div>;
  if (row.kind === 'gap') return <div className="diff-row diff-gap">{row.at || '⋯'}</div>;
  return (
    <div className={`diff-row diff-${row.kind}`}>
      <span className="diff-no">{'oldNo' in row ? row.oldNo : ''}</span>
      <span className="diff-no">{'newNo' in row ? row.newNo : ''}</span>
      <span className="diff-sign">{SIGNS[row.kind]}</span>
      <span className="diff-text">
        <Shown text={row.text} />
      </span>
    </div>
  );
}

const SIGNS = { same: ' ', plus: '+', minus: '−' } as const;

function linesOf(rows: readonly DiffRow[], unfolded: ReadonlySet<number>): Line[] {
  return stretches(rows, CONTEXT_LINES).flatMap(({ from, to, folded }): Line[] => {
    if (folded && !unfolded.has(from))
      return [{ key: `fold-${from}`, fold: from, lines: to - from }];
    return rows.slice(from, to).map((row, i) => ({ key: `row-${from + i}`, row }));
  });
}

const TAB_CHARS = 4;
function widthOf(text: string): number {
  return text.length + (text.split('\t').length - 1) * (TAB_CHARS - 1);
}
