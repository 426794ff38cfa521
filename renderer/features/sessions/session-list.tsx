import { useMemo } from 'react';
import { useHost, useView, useWorld } from '../../state/host-context.tsx';
import { openOverlay, viewStore } from '../../state/view-store.ts';
import { attention } from '../../strings/attention.ts';
import { en } from '../../strings/en.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { rove } from '../../ui/roving.ts';
import { useNow } from '../../ui/use-now.ts';
import { withKeys } from '../keyboard/platform.ts';
import { LampIcon } from '../lamp/lamp-icon.tsx';
import { Machine } from '../power/machine-button.tsx';
import { groupOf, groupSessions, lampOf } from './grouping.ts';
import { sharedOf } from './sharing.ts';
import { SessionRow } from './session-row.tsx';
import './session-list.css';

const t = en.sessions;
const AGE_EVERY_MS = 20_000;

export function SessionList() {
  const sessions = useHost((host) => host.sessions);
  const ready = useHost((host) => host.deskReady);
  const showArchived = useView((view) => view.showArchived);
  const openId = useView((view) => (view.screen.name === 'session' ? view.screen.sessionId : null));
  const nowMs = useNow(AGE_EVERY_MS);
  const groups = useMemo(() => groupSessions(sessions), [sessions]);
  const shared = useMemo(() => sharedOf(sessions), [sessions]);
  const shown = groups.filter(({ name }) => showArchived || name !== 'archived');
  const rows = shown.flatMap((group) => group.sessions);
  const hasArchived = groups.some(({ name }) => name === 'archived');
  const tabStop = rows.some(({ id }) => id === openId) ? openId : rows[0]?.id;
  return (
    <nav className="sessions" aria-label={t.list}>
      <ListHead />
      <div className="sessions-scroll" onKeyDown={(event) => rove(event)}>
        {!ready && <SkeletonRows />}
        {ready && rows.length === 0 && <p className="sessions-none">{t.none}</p>}
        {shown.map((group) => (
          <section key={group.name} aria-labelledby={`group-${group.name}`}>
            <h2 className="sessions-group" id={`group-${group.name}`}>
              {t.groups[group.name]} <span className="sessions-count">{group.sessions.length}</span>
            </h2>
            <ul role="list">
              {group.sessions.map((session) => (
                <SessionRow
                  key={session.id}
                  session={session}
                  isOpen={session.id === openId}
                  isTabStop={session.id === tabStop}
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
            className="sessions-archived"
            onClick={() => viewStore.setState({ showArchived: !showArchived })}
            {...withKeys('showArchived')}
          >
            {showArchived ? t.hideArchived : t.showArchived}
          </Button>
        )}
      </div>
      <Machine none={null} />
    </nav>
  );
}

function ListHead() {
  const { acts } = useWorld();
  const sessions = useHost((host) => host.sessions);
  const isDown = useHost(
    (host) => host.link.kind === 'down' || host.link.kind === 'refused' || host.problems.length > 0,
  );
  const lamp = lampOf(sessions, isDown);
  const words =
    lamp === 'needsYou' || lamp === 'working'
      ? en.lamp[lamp](sessions.filter((session) => groupOf(session) === lamp).length)
      : en.lamp[lamp];
  return (
    <div className="sessions-head">
      <button
        type="button"
        className="sessions-home"
        onClick={() => acts.home()}
        title={withKeys('home').shortcut}
        aria-keyshortcuts={withKeys('home')['aria-keyshortcuts']}
      >
        <LampIcon lamp={lamp} size={22} />
        <span className="sessions-home-words">
          <span className="sessions-name">{en.app.name}</span>
          <span className="sessions-lamp">{words}</span>
        </span>
      </button>
      <Bell />
      <IconButton
        label={en.palette.title}
        onClick={() => openOverlay({ name: 'palette' })}
        {...withKeys('palette')}
      >
        <Icon name="search" />
      </IconButton>
      <IconButton
        label={t.new}
        onClick={() => openOverlay({ name: 'newSession', preset: {} })}
        {...withKeys('newSession')}
      >
        <Icon name="plus" />
      </IconButton>
    </div>
  );
}

/** The way to all that asks for the person; with a dot beside it while anything does. */
function Bell() {
  const asking = useHost((host) => host.attention?.items.length ?? 0);
  return (
    <IconButton
      label={attention.openList(asking)}
      className={asking > 0 ? 'sessions-asking' : ''}
      onClick={() => openOverlay({ name: 'attention' })}
      {...withKeys('attention')}
    >
      <Icon name="bell" />
    </IconButton>
  );
}

function SkeletonRows() {
  return (
    <div className="skeleton" role="status">
      <span className="unseen">{en.app.loading}</span>
      <span />
      <span />
      <span />
    </div>
  );
}
