import { memo, useMemo } from 'react';
import { visibleText } from '../../../src/base/visible-text.ts';
import type { ToolItem } from '../../../src/protocol/transcript/item.ts';
import { en } from '../../strings/en.ts';
import { Icon } from '../../ui/icon.tsx';
import { Shown } from '../../ui/shown.tsx';
import { sizeOf } from '../../ui/time.ts';
import { DiffView } from '../diff/diff-view.tsx';
import { diffRows } from '../diff/diff-rows.ts';
import { CodeBlock } from '../highlight/code-block.tsx';
import { useFold } from './folds.tsx';
import { LongText } from './long-text.tsx';
import { commandOf, diffsOf, textOf, toolIcon, toolTitle, withoutAnsi } from './tool-words.ts';

const t = en.transcript;
/** An edit no longer than this is shown without a click. */
const OPEN_ROWS = 40;
const OPEN_CHARS = 20_000;

export const ToolView = memo(function ToolView({
  item,
  cwd,
}: {
  readonly item: ToolItem;
  readonly cwd: string;
}) {
  const diffs = useMemo(() => diffsOf(item), [item]);
  const counts = useMemo(() => countsOf(diffs), [diffs]);
  const [open, toggle] = useFold(
    item.key,
    counts !== null && counts.plus + counts.minus <= OPEN_ROWS,
  );
  const title = toolTitle(item);
  const panelId = `tool-${item.key}`;
  const word = item.cutShort === null ? t.toolStates[item.status] : t.cutShort;
  return (
    <section className={`tool tool-${item.status}`}>
      <button
        type="button"
        className="tool-head"
        aria-expanded={open}
        aria-controls={open ? panelId : undefined}
        onClick={toggle}
        data-roving
      >
        <Icon name="chevron" className={open ? 'turned' : ''} />
        <Icon name={toolIcon(item.toolKind)} />
        <span className={`tool-title ${item.toolKind === 'execute' ? 'code' : ''}`}>
          <Shown text={title} />
        </span>
        {counts !== null && (
          <span className="tool-count" title={en.diff.linesWords(counts.plus, counts.minus)}>
            {en.diff.lines(counts.plus, counts.minus)}
          </span>
        )}
        <span className={`tool-state ${item.status === 'completed' ? 'unseen' : ''}`}>{word}</span>
      </button>
      {open && (
        <div className="tool-body" id={panelId}>
          <ToolBody item={item} cwd={cwd} diffs={diffs} title={title} />
        </div>
      )}
    </section>
  );
});

function ToolBody({
  item,
  cwd,
  diffs,
  title,
}: {
  readonly item: ToolItem;
  readonly cwd: string;
  readonly diffs: ReturnType<typeof diffsOf>;
  readonly title: string;
}) {
  const command = commandOf(item.input);
  const text = useMemo(() => withoutAnsi(textOf(item)), [item]);
  const images = (item.content ?? []).flatMap((part) => (part.type === 'image' ? [part] : []));
  const input = useMemo(
    () =>
      command === null && item.input !== undefined && diffs.length === 0
        ? JSON.stringify(item.input, null, 2)
        : null,
    [command, item.input, diffs],
  );
  const isBare = diffs.length === 0 && text === '' && images.length === 0;
  return (
    <>
      {command !== null && command !== title && (
        <CodeBlock code={visibleText(command)} language="bash" wrap label={t.input} />
      )}
      {input !== null && input !== '{}' && (
        <CodeBlock code={visibleText(input)} language="json" label={t.input} />
      )}
      {diffs.map((diff, i) => (
        <DiffView key={i} diff={diff} cwd={cwd} />
      ))}
      {text !== '' && <LongText text={text} label={t.output} foldKey={`${item.key}:output`} />}
      {images.map((image, i) => (
        <Picture key={i} mimeType={image.mimeType} data={image.data} />
      ))}
      {isBare && item.status === 'completed' && <p className="tool-note">{t.noOutput}</p>}
      {item.leftOutBytes !== undefined && item.leftOutBytes > 0 && (
        <p className="tool-note">{t.leftOut(sizeOf(item.leftOutBytes))}</p>
      )}
    </>
  );
}

export function Picture({ mimeType, data }: { readonly mimeType: string; readonly data: string }) {
  // An SVG could carry more than a picture; as an <img> it runs nothing, but agents have no need of it.
  if (!/^image\/(png|jpeg|gif|webp)$/.test(mimeType))
    return <p className="tool-note">{`${t.image} (${mimeType})`}</p>;
  return <img className="picture" src={`data:${mimeType};base64,${data}`} alt={t.image} />;
}

function countsOf(diffs: ReturnType<typeof diffsOf>): { plus: number; minus: number } | null {
  if (
    diffs.length === 0 ||
    diffs.some((diff) => (diff.oldText?.length ?? 0) + diff.newText.length > OPEN_CHARS * 10)
  )
    return null;
  const views = diffs.map((diff) => diffRows(diff.oldText, diff.newText));
  return {
    plus: views.reduce((sum, { plus }) => sum + plus, 0),
    minus: views.reduce((sum, { minus }) => sum + minus, 0),
  };
}
