import { memo, useMemo, type ComponentProps, type MouseEvent, type ReactNode } from 'react';
import ReactMarkdown, { type Components } from 'react-markdown';
import remarkGfm from 'remark-gfm';
import { useWorld } from '../../state/host-context.tsx';
import { CodeBlock } from '../highlight/code-block.tsx';
import { markdownBlocks } from './markdown-blocks.ts';

/** What an agent writes. No HTML, no pictures from elsewhere, links leave through the browser. */
export function Markdown({ text }: { readonly text: string }) {
  const blocks = useMemo(() => markdownBlocks(text), [text]);
  return (
    <div className="markdown">
      {blocks.map((block, i) => (
        <Block key={i} text={block} />
      ))}
    </div>
  );
}

const PLUGINS = [remarkGfm];

const Block = memo(function Block({ text }: { readonly text: string }) {
  return (
    <ReactMarkdown remarkPlugins={PLUGINS} components={COMPONENTS}>
      {text}
    </ReactMarkdown>
  );
});

/** Headings of an answer stand below those of the window, all on one level: agents skip levels. */
const COMPONENTS: Components = {
  a: ({ href, children }) => <OutLink href={href ?? ''}>{children}</OutLink>,
  // Loading a picture would tell its server that it was read.
  img: ({ src, alt }) => (
    <OutLink href={typeof src === 'string' ? src : ''}>
      {alt || (typeof src === 'string' ? src : '')}
    </OutLink>
  ),
  pre: ({ children }) => <Pre>{children}</Pre>,
  table: ({ children }) => (
    <div className="markdown-table" tabIndex={0} role="group" aria-label="Table">
      <table>{children}</table>
    </div>
  ),
  h1: ({ children }) => <h3>{children}</h3>,
  h2: ({ children }) => <h3>{children}</h3>,
  h3: ({ children }) => <h3 className="markdown-minor">{children}</h3>,
  h4: ({ children }) => <h3 className="markdown-minor">{children}</h3>,
  h5: ({ children }) => <h3 className="markdown-minor">{children}</h3>,
  h6: ({ children }) => <h3 className="markdown-minor">{children}</h3>,
  input: ({ checked }: ComponentProps<'input'>) => (
    <span className="markdown-tick">{checked === true ? '☑' : '☐'}</span>
  ),
};

function Pre({ children }: { readonly children?: ReactNode }) {
  const child = Array.isArray(children) ? (children as ReactNode[])[0] : children;
  if (child === null || typeof child !== 'object' || !('props' in child))
    return <pre>{children}</pre>;
  // react-markdown gives <pre> one <code> whose only child is the text.
  const { className = '', children: code } = child.props as {
    className?: string;
    children?: unknown;
  };
  const language = /language-(\S+)/.exec(className)?.[1] ?? null;
  return <CodeBlock code={String(code ?? '').replace(/\n$/, '')} language={language} />;
}

export function OutLink({
  href,
  children,
}: {
  readonly href: string;
  readonly children: ReactNode;
}) {
  const { acts } = useWorld();
  // A path or a made-up scheme leads nowhere a window should go.
  if (!/^https?:\/\//i.test(href)) return <span title={href}>{children}</span>;
  const open = (event: MouseEvent): void => {
    event.preventDefault();
    acts.openExternal(href);
  };
  return (
    <a href={href} target="_blank" rel="noopener noreferrer" title={href} onClick={open}>
      {children}
    </a>
  );
}
