import { useEffect, useState } from 'react';
import { en } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { useHighlight } from './use-highlight.ts';
import './code-block.css';

const COPIED_MS = 1_500;

export interface CodeBlockProps {
  readonly code: string;
  readonly language: string | null;
  /** Breaks long lines instead of scrolling sideways. */
  readonly wrap?: boolean;
  readonly label?: string;
}

export function CodeBlock({ code, language, wrap = false, label }: CodeBlockProps) {
  const lines = useHighlight(code, language);
  return (
    <figure className={`code-block ${wrap ? 'code-wrap' : ''}`}>
      <figcaption className="code-head">
        <span>{label ?? language ?? ''}</span>
        <CopyButton text={code} />
      </figcaption>
      <pre tabIndex={0} aria-label={label ?? language ?? en.transcript.output} role="group">
        <code>
          {lines === null
            ? code
            : lines.map((line, i) => (
                <span key={i}>
                  {line.map(([text, kind], k) =>
                    kind === '' ? (
                      text
                    ) : (
                      <span key={k} className={`code-${kind}`}>
                        {text}
                      </span>
                    ),
                  )}
                  {'\n'}
                </span>
              ))}
        </code>
      </pre>
    </figure>
  );
}

export function CopyButton({ text }: { readonly text: string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), COPIED_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = (): void => {
    navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      // Without the permission the text can still be selected.
      () => setCopied(false),
    );
  };
  return (
    <Button look="quiet" className="copy" onClick={copy}>
      {copied ? en.transcript.copied : en.transcript.copy}
    </Button>
  );
}
