import { useMemo } from 'react';
import { en } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { sizeOf } from '../../ui/time.ts';
import { CopyButton } from '../highlight/copy-button.tsx';
import { useFold } from './folds.tsx';

const SHOWN_LINES = 200;
const SHOWN_CHARS = 20_000;

/** Raw output: its beginning at once, all of it on request, scrolling inside. */
export function LongText({
  text,
  label,
  foldKey,
}: {
  readonly text: string;
  readonly label: string;
  readonly foldKey: string;
}) {
  const [all, showAll] = useFold(foldKey, false);
  const head = useMemo(() => headOf(text), [text]);
  const shown = all ? text : head;
  return (
    <figure className="code-block">
      <figcaption className="code-head">
        <span>{label}</span>
        <CopyButton text={text} />
      </figcaption>
      <pre className="output" tabIndex={0} role="group" aria-label={label}>
        {shown}
      </pre>
      {!all && head.length < text.length && (
        <Button look="quiet" className="show-all" onClick={showAll}>
          {en.transcript.showAll(sizeOf(text.length))}
        </Button>
      )}
    </figure>
  );
}

function headOf(text: string): string {
  let end = 0;
  for (let line = 0; line < SHOWN_LINES; line += 1) {
    const next = text.indexOf('\n', end);
    if (next === -1) return text.slice(0, SHOWN_CHARS);
    if (next > SHOWN_CHARS) break;
    end = next + 1;
  }
  return text.slice(0, Math.max(end, Math.min(SHOWN_CHARS, text.length)));
}
