import { useCallback, useEffect, useState } from 'react';
import { visibleText } from '../../../src/base/visible-text.ts';
import type { AuditEntry, AuditVerdict } from '../../../src/protocol/audit.ts';
import { useHost, useWorld } from '../../state/host-context.tsx';
import { log as t } from '../../strings/log.ts';
import { Button } from '../../ui/button.tsx';
import { Shown } from '../../ui/shown.tsx';
import { clockOf, wholeTime } from '../../ui/time.ts';
import { useNow } from '../../ui/use-now.ts';
import { kindWords, whatWords, whoWords } from './log-words.ts';
import './log.css';

const PAGE = 100;
const CLOCK_EVERY_MS = 60_000;
/** A log of years is looked through entry by entry. */
const VERIFY_LIMIT_MS = 5 * 60_000;

/** The newest entries of the audit log, and whether all of it holds. */
export function LogView() {
  const { link } = useWorld();
  const isUp = useHost((host) => host.link.kind === 'up');
  const sessions = useHost((host) => host.sessions);
  const nowMs = useNow(CLOCK_EVERY_MS);
  const [entries, setEntries] = useState<readonly AuditEntry[] | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const [verdict, setVerdict] = useState<AuditVerdict | 'looking' | null>(null);
  const fail = (error: unknown): void =>
    setFailure(error instanceof Error ? error.message : String(error));
  /** The page of entries before `n`, oldest of them last. */
  const pageBefore = useCallback(
    async (n: number): Promise<AuditEntry[]> => {
      const after = Math.max(0, n - 1 - PAGE);
      const page = await link.call('audit.list', { after, limit: Math.min(PAGE, n - 1) });
      return page.entries.toReversed();
    },
    [link],
  );
  useEffect(() => {
    if (!isUp) return;
    const look = async (): Promise<void> => {
      const { head } = await link.call('audit.head', {});
      setEntries(head === null || head.n === 0 ? [] : await pageBefore(head.n + 1));
      setFailure(null);
    };
    look().catch(fail);
  }, [isUp, link, pageBefore]);
  const verify = async (): Promise<void> => {
    setVerdict('looking');
    try {
      setVerdict(await link.call('audit.verify', {}, VERIFY_LIMIT_MS));
    } catch (error) {
      setVerdict(null);
      fail(error);
    }
  };
  const titleOf = (session: string): string | undefined =>
    sessions.find((one) => one.id === session)?.title;
  const oldest = entries?.at(-1)?.n ?? 0;
  return (
    <div className="log">
      <p className="field-hint">{t.body}</p>
      <div className="log-check">
        <Button data-first-focus disabled={verdict === 'looking'} onClick={() => void verify()}>
          {t.check}
        </Button>
        {verdict !== null && <Verdict verdict={verdict} />}
      </div>
      {failure !== null && (
        <p className="field-problem" role="alert">
          {t.failed} <Shown text={failure} />
        </p>
      )}
      {entries === null && failure === null && <p role="status">{t.loading}</p>}
      {entries?.length === 0 && <p>{t.none}</p>}
      {entries !== null && entries.length > 0 && (
        <ol role="list" className="log-list" tabIndex={0} aria-label={t.title}>
          {entries.map(({ n, at, kind, who, what }) => (
            <li key={n}>
              <span className="log-when" title={wholeTime(at)}>
                {clockOf(at, nowMs)}
              </span>
              <span className="log-what" title={visibleText(JSON.stringify(what, null, 2))}>
                <strong>{kindWords(kind)}</strong>{' '}
                <Shown text={whatWords(what, titleOf, (time) => clockOf(time, nowMs))} />
              </span>
              <span className="log-who" title={t.entry(n)}>
                <Shown text={whoWords(who)} />
              </span>
            </li>
          ))}
        </ol>
      )}
      {oldest > 1 && (
        <Button
          look="quiet"
          onClick={() =>
            void pageBefore(oldest).then(
              (older) => setEntries((before) => [...(before ?? []), ...older]),
              fail,
            )
          }
        >
          {t.older}
        </Button>
      )}
    </div>
  );
}

function Verdict({ verdict }: { readonly verdict: AuditVerdict | 'looking' }) {
  if (verdict === 'looking') return <p role="status">{t.checking}</p>;
  const { ok, entries, brokenAt, why, head } = verdict;
  if (!ok)
    return (
      <p className="field-problem" role="alert">
        <Shown text={t.broken(brokenAt, why ?? '')} />
      </p>
    );
  return (
    <p role="status">
      {t.ok(entries)} {head !== null && <span className="code">{t.head(head.n, head.hash)}</span>}
    </p>
  );
}
