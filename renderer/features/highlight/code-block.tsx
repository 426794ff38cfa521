import { en } from '../../strings/en.ts';
import { CopyButton } from './copy-button.tsx';
import { useHighlight } from './use-highlight.ts';
import './code-block.css';

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
