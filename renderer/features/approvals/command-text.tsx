import { Fragment, useMemo } from 'react';
import { Shown } from '../../ui/shown.tsx';

/** Longer ones are shown as they are: a script is read by its lines anyway. */
const MAX_CHARS = 4_000;

/**
 * A command whose words stay whole where a line is too short for all: `-not` must not look like
 * `-` and `not`. A word longer than a line still breaks.
 */
export function CommandText({ text }: { readonly text: string }) {
  const parts = useMemo(() => (text.length > MAX_CHARS ? null : text.split(/([ \t\n]+)/)), [text]);
  if (parts === null) return <Shown text={text} />;
  return parts.map((part, i) =>
    i % 2 === 1 || part === '' ? (
      <Fragment key={i}>{part}</Fragment>
    ) : (
      <span key={i} className="call-word">
        <Shown text={part} />
      </span>
    ),
  );
}
