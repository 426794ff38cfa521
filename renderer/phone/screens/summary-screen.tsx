import type { ReactNode } from 'react';
import { LampIcon } from '../../features/lamp/lamp-icon.tsx';
import { lampOf } from '../../features/sessions/grouping.ts';
import { useHost } from '../../state/host-context.tsx';
import { summary as t } from '../../strings/phone-summary.ts';
import { Button } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Shown } from '../../ui/shown.tsx';
import { ageOf } from '../../ui/time.ts';
import { usePhone } from '../phone-world.ts';
import { agoWords } from '../shell/link-words.ts';
import { machineWords } from '../shell/machine-words.ts';
import { HOME } from '../shell/route.ts';
import { useRouter } from '../shell/router-context.ts';
import { ScreenTitle } from '../shell/screen.tsx';
import { useHostName, useLinkWords } from '../shell/use-link-words.ts';
import { atAGlance, type SummaryRow } from './summary.ts';
import './summary.css';

const AGE_EVERY_MS = 5_000;
/** What fits on the smallest home screen; the rest is counted. */
const MAX_NEEDS = 3;
const MAX_WORKS = 2;

/** All at a glance, on one screen: what needs the person, what works, and how the machine stands. */
export function SummaryScreen() {
  const host = useHost((state) => state);
  const facts = usePhone((state) => state.facts);
  const cachedAtMs = usePhone((state) => state.cachedAtMs);
  const name = useHostName();
  const router = useRouter();
  const { words: link, nowMs } = useLinkWords(AGE_EVERY_MS);
  const { needs, works, quiet } = atAGlance(host);
  const shown = host.sessions.filter(({ archived }) => !archived);
  const lamp = lampOf(shown, host.problems.length > 0 || link.kind === 'broken');
  const machine = machineWords({ power: host.power, link: link.kind, facts, cachedAtMs, nowMs });
  const isKnown = host.deskReady || shown.length > 0;
  const isNow = link.kind === 'live' || (link.kind === 'quiet' && cachedAtMs === null);
  return (
    <main className="summary">
      <ScreenTitle title={`${t.title}: ${name}`} isShown={false} />
      <header className="summary-head">
        <LampIcon lamp={link.kind === 'asleep' && lamp === 'working' ? 'idle' : lamp} size={32} />
        <div>
          <p className="summary-name">{name}</p>
          <p className="summary-soft">{link.title}</p>
        </div>
      </header>
      {isKnown ? (
        <>
          <Part
            title={needs.length === 0 ? t.nothing : t.needs(needs.length)}
            isLit={needs.length > 0}
          >
            <Rows rows={needs} most={MAX_NEEDS} nowMs={nowMs} />
          </Part>
          <Part title={works.length === 0 ? t.noWork : t.works(works.length)} isLit={false}>
            <Rows rows={works} most={MAX_WORKS} nowMs={nowMs} />
            {quiet > 0 && <p className="summary-soft">{t.quiet(quiet)}</p>}
          </Part>
        </>
      ) : (
        <p>{t.never}</p>
      )}
      <button
        type="button"
        className="summary-row summary-machine"
        data-tone={machine.tone}
        onClick={() => router.go({ name: 'power' })}
      >
        <span>
          <Shown text={machine.words} />
        </span>
        <Icon name="chevron" />
      </button>
      <footer className="summary-foot">
        <p className="summary-soft" role="status">
          {isNow ? t.now : t.was(agoWords(cachedAtMs ?? facts.heardAtMs, nowMs))}
        </p>
        <div className="summary-acts">
          <Button onClick={() => router.go(HOME)}>{t.all}</Button>
          <Button look="quiet" onClick={() => router.go({ name: 'reach' })}>
            {t.reach}
          </Button>
        </div>
      </footer>
    </main>
  );
}

function Part({
  title,
  isLit,
  children,
}: {
  readonly title: string;
  readonly isLit: boolean;
  readonly children: ReactNode;
}) {
  return (
    <section className="summary-part">
      <h2 data-lit={isLit}>{title}</h2>
      {children}
    </section>
  );
}

function Rows({
  rows,
  most,
  nowMs,
}: {
  readonly rows: readonly SummaryRow[];
  readonly most: number;
  readonly nowMs: number;
}) {
  const router = useRouter();
  const shown = rows.slice(0, rows.length > most ? most - 1 : most);
  const more = rows.length - shown.length;
  return (
    <ul role="list">
      {shown.map(({ key, title, words, since, to }) => (
        <li key={key}>
          <button type="button" className="summary-row" onClick={() => router.go(to)}>
            <span className="summary-words">
              <span className="summary-title">
                <Shown text={title} />
              </span>
              <span className="summary-soft">
                <Shown text={words} />
              </span>
            </span>
            <span className="summary-age">{since === '' ? '' : ageOf(since, nowMs)}</span>
          </button>
        </li>
      ))}
      {more > 0 && (
        <li>
          <button type="button" className="summary-row" onClick={() => router.go(HOME)}>
            {t.more(more)}
            <Icon name="chevron" />
          </button>
        </li>
      )}
    </ul>
  );
}
