import { assertNever } from '../../../src/base/assert-never.ts';
import type { LinkState } from '../../../src/connection/reconnect.ts';
import { useHost, useWorld } from '../../state/host-context.tsx';
import { en } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { useNow } from '../../ui/use-now.ts';
import { LampIcon } from '../lamp/lamp-icon.tsx';
import './link.css';

const t = en.link;

/** Instead of everything else, while there is nothing yet to show: why, and the way out. */
export function LinkScreen({ link }: { readonly link: LinkState }) {
  switch (link.kind) {
    case 'up':
    case 'stopped':
    case 'connecting':
      return (
        <main className="main">
          <div className="middle" role="status">
            <LampIcon lamp="idle" size={56} />
            <p className="middle-soft">{t.connecting}</p>
          </div>
        </main>
      );
    case 'down':
      return (
        <main className="main">
          <div className="middle" role="alert">
            <LampIcon lamp="problem" size={56} />
            <h1>{t.lost}</h1>
            <p className="middle-soft">{link.reason}</p>
            <Ways />
            <RetryIn atMs={link.retryAtMs} />
          </div>
        </main>
      );
    case 'away':
      return (
        <main className="main">
          <div className="middle" role="alert">
            <LampIcon lamp="problem" size={56} />
            <h1>{t.lost}</h1>
            <p className="middle-soft">{link.reason}</p>
            <Ways />
          </div>
        </main>
      );
    case 'refused':
      return <Refused reason={link.reason} />;
    default:
      return assertNever(link, 'link state');
  }
}

function Refused({ reason }: { readonly reason: string }) {
  const isLink = reason === 'linkUsed';
  return (
    <main className="main">
      <div className="middle" role="alert">
        <LampIcon lamp="problem" size={56} />
        <h1>{isLink ? t.linkUsed : t.refused}</h1>
        <p className="middle-soft">{isLink ? t.linkUsedBody : reason}</p>
        <Ways />
      </div>
    </main>
  );
}

/** Above what was last seen, while the host is away. */
export function LinkBanner() {
  const link = useHost((host) => host.link);
  if (link.kind === 'up' || link.kind === 'stopped') return null;
  // A reconnect that succeeds at once is not worth a word.
  if (link.kind === 'connecting' && link.failures === 0) return null;
  return (
    <div className="banner" role="status">
      <span className="banner-words">
        {link.kind === 'refused' ? (link.reason === 'linkUsed' ? t.linkUsed : link.reason) : t.lost}
        {link.kind === 'down' && (
          <>
            . <RetryIn atMs={link.retryAtMs} />
          </>
        )}
      </span>
      <Ways />
    </div>
  );
}

function Ways() {
  const { bridge, acts, link } = useWorld();
  return (
    <div className="ways">
      {bridge !== null && (
        <Button look="decide" onClick={() => void acts.startHost()}>
          {t.start}
        </Button>
      )}
      <Button onClick={() => link.retryNow()}>{en.app.tryAgain}</Button>
    </div>
  );
}

function RetryIn({ atMs }: { readonly atMs: number }) {
  const nowMs = useNow(1_000);
  return (
    <span className="retry" aria-hidden="true">
      {t.retryIn(Math.max(0, Math.ceil((atMs - nowMs) / 1_000)))}
    </span>
  );
}
