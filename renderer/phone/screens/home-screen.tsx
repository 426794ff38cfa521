import { lazy, Suspense, useMemo } from 'react';
import { ApprovalCard } from '../../features/approvals/approval-card.tsx';
import { useDeskCards } from '../../features/approvals/desk-cards.ts';
import { FoldedDiff } from '../../features/diff/folded-diff.tsx';
import { LampIcon } from '../../features/lamp/lamp-icon.tsx';
import { groupOf, groupSessions, lampOf } from '../../features/sessions/grouping.ts';
import { Origin } from '../../features/sessions/origin.tsx';
import { SessionRow } from '../../features/sessions/session-row.tsx';
import { sharedOf } from '../../features/sessions/sharing.ts';
import { useHost, useView } from '../../state/host-context.tsx';
import { useMay } from '../../state/role.ts';
import { openOverlay, viewStore } from '../../state/view-store.ts';
import { en } from '../../strings/en.ts';
import { phone } from '../../strings/phone.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { useNow } from '../../ui/use-now.ts';
import { usePhone } from '../phone-world.ts';
import { MachineLine } from '../shell/machine-line.tsx';
import { useRouter } from '../shell/router-context.ts';
import { Screen } from '../shell/screen.tsx';
import { AuditNote } from './audit-note.tsx';
import { HomeHead } from './home-head.tsx';
import { NightNote } from './night-note.tsx';
import { Standstill } from './standstill.tsx';
import './home.css';

/** After the first screen is up: it is news of an hour ago. */
const LidStrip = lazy(async () => ({
  default: (await import('../../features/power/lid-strip.tsx')).LidStrip,
}));

const NotifyOffer = lazy(async () => ({
  default: (await import('../notify/notify-offer.tsx')).NotifyOffer,
}));

const t = phone.home;
const AGE_EVERY_MS = 20_000;

/** One list: what needs me, then the sessions, then the way to the machine. */
export function HomeScreen() {
  const ready = useHost((host) => host.deskReady);
  return (
    <Screen title={t.title} head={<HomeHead />} canLeave={false} foot={<HomeFoot />}>
      {ready ? <Desk /> : <NotYet />}
      <MachineLine />
    </Screen>
  );
}

function Desk() {
  const sessions = useHost((host) => host.sessions);
  const approvals = useHost((host) => host.approvals);
  const agents = useHost((host) => host.agents);
  const problems = useHost((host) => host.problems);
  const push = usePhone(({ open }) => open?.push ?? null);
  const cards = useDeskCards(approvals);
  const shown = useMemo(() => sessions.filter(({ archived }) => !archived), [sessions]);
  const still = shown.filter(({ state, interrupted }) => state === 'failed' || interrupted);
  const needs = cards.openCount + still.length;
  return (
    <>
      {problems.map(({ id, message }) => (
        <p key={id} className="host-problem" role="alert" data-attends={`problem:${id}`}>
          <Icon name="alert" />
          <span>{message}</span>
        </p>
      ))}
      <AuditNote />
      <NightNote />
      <Suspense fallback={null}>
        <LidStrip />
      </Suspense>
      <OutboxNote />
      {(cards.list.length > 0 || still.length > 0) && (
        <section className="needs" aria-labelledby="needs-title">
          <h2 id="needs-title" className="home-group">
            {needs > 0 ? en.home.needsYou(needs) : en.home.quiet}
          </h2>
          {cards.list.map(({ approval, ending }) => {
            const session = sessions.find(({ id }) => id === approval.sessionId);
            return (
              <ApprovalCard
                key={approval.id}
                approval={approval}
                ending={ending}
                agent={
                  agents?.find(({ id }) => id === session?.agent)?.name ?? session?.agent ?? ''
                }
                cwd={session?.cwd}
                Diff={FoldedDiff}
                mayDecide={cards.mayDecide}
                onSettled={cards.onSettled}
                origin={
                  session !== undefined && <Origin sessionId={session.id} title={session.title} />
                }
              />
            );
          })}
          {still.map((session) => (
            <Standstill key={session.id} session={session} />
          ))}
        </section>
      )}
      {/* Below the cards: what is decided there must not move when it comes. */}
      <Suspense fallback={null}>{push !== null && <NotifyOffer push={push} />}</Suspense>
      {shown.length === 0 ? (
        <NoSessions />
      ) : (
        <Rows carded={cards.list.map(({ approval }) => approval.sessionId)} />
      )}
    </>
  );
}

/** The sessions that have no card above. */
function Rows({ carded }: { readonly carded: readonly string[] }) {
  const sessions = useHost((host) => host.sessions);
  const showArchived = useView((view) => view.showArchived);
  const nowMs = useNow(AGE_EVERY_MS);
  const groups = useMemo(() => groupSessions(sessions), [sessions]);
  const shared = useMemo(() => sharedOf(sessions), [sessions]);
  const hasArchived = groups.some(({ name }) => name === 'archived');
  const rest = groups
    .filter(({ name }) => showArchived || name !== 'archived')
    .map((group) => ({
      ...group,
      sessions: group.sessions.filter(
        (session) =>
          groupOf(session) !== 'needsYou' ||
          !(session.state === 'failed' || session.interrupted || carded.includes(session.id)),
      ),
    }))
    .filter((group) => group.sessions.length > 0);
  return (
    <>
      {rest.map((group) => (
        <section key={group.name} aria-labelledby={`group-${group.name}`}>
          <h2 className="home-group" id={`group-${group.name}`}>
            {en.sessions.groups[group.name]}{' '}
            <span className="home-count">{group.sessions.length}</span>
          </h2>
          <ul role="list" className="home-rows">
            {group.sessions.map((session) => (
              <SessionRow
                key={session.id}
                session={session}
                isOpen={false}
                isTabStop
                isShared={shared.has(session.id)}
                nowMs={nowMs}
              />
            ))}
          </ul>
        </section>
      ))}
      {hasArchived && (
        <Button
          look="quiet"
          className="home-archived"
          aria-expanded={showArchived}
          onClick={() => viewStore.setState({ showArchived: !showArchived })}
        >
          {showArchived ? en.sessions.hideArchived : en.sessions.showArchived}
        </Button>
      )}
    </>
  );
}

/** What was written here and has not reached the host. */
function OutboxNote() {
  const outbox = usePhone((state) => state.outbox);
  const refused = outbox.filter(({ state }) => state === 'refused').length;
  const left = outbox.filter(({ state }) => state === 'left').length;
  const waiting = outbox.length - refused - left;
  if (outbox.length === 0) return null;
  return (
    <p className="outbox-note" role="status">
      <Icon name="clock" />
      <span>
        {[
          waiting > 0 && t.waiting(waiting),
          left > 0 && t.left(left),
          refused > 0 && t.refused(refused),
        ]
          .filter(Boolean)
          .join(' ')}
      </span>
    </p>
  );
}

function NoSessions() {
  const mayStart = useMay('operator');
  return (
    <div className="middle">
      <LampIcon lamp="idle" size={56} />
      <h2>{t.noSessions}</h2>
      <p className="middle-soft">{mayStart ? t.noSessionsBody : t.noSessionsLook}</p>
    </div>
  );
}

function NotYet() {
  const sessions = useHost((host) => host.sessions);
  return (
    <div className="middle">
      <LampIcon lamp={lampOf(sessions, false)} size={56} />
      <h2>{t.notYet}</h2>
      <p className="middle-soft">{t.notYetBody}</p>
    </div>
  );
}

/** Under the thumb: the settings, and a new session where this phone may start one. */
function HomeFoot() {
  const router = useRouter();
  const mayStart = useMay('operator');
  return (
    <nav className="foot-bar" aria-label={t.title}>
      <IconButton label={t.settings} onClick={() => router.go({ name: 'settings' })}>
        <Icon name="settings" />
      </IconButton>
      {mayStart && (
        <Button
          className="foot-main"
          icon={<Icon name="plus" />}
          onClick={() => openOverlay({ name: 'newSession', preset: {} })}
        >
          {t.new}
        </Button>
      )}
    </nav>
  );
}
