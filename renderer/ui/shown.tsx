import { useMemo } from 'react';
import { visibleParts } from '../../src/base/visible-text.ts';
import './shown.css';

const ASCII = /^[\t\n\x20-\x7e]*$/;

/**
 * Text of an agent, a file or another person, in which nothing hides: what would not be seen, or is
 * not what it looks like, stands there marked. Its direction stays its own.
 */
export function Shown({ text }: { readonly text: string }) {
  const parts = useMemo(() => visibleParts(text), [text]);
  const [first] = parts;
  // In plain ASCII nothing turns its direction round.
  if (parts.length === 1 && first?.shown === text && ASCII.test(text)) return text;
  return (
    <bdi>
      {parts.map(({ kind, shown }, i) =>
        kind === 'plain' ? (
          shown
        ) : (
          <mark key={i} className="unseen-sign">
            {shown}
          </mark>
        ),
      )}
    </bdi>
  );
}
