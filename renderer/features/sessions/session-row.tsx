import type { SessionSummary } from '../../../src/protocol/session/state.ts';
import { Shown } from '../../ui/shown.tsx';
import { useHost, useWorld } from '../../state/host-context.tsx';
import { en } from '../../strings/en.ts';
import { Icon } from '../../ui/icon.tsx';
import { ageOf, clockOf } from '../../ui/time.ts';
import { notablePulse, pulseWords } from '../reach/pulse-words.ts';
import { groupOf } from './grouping.ts';
import { StateMark } from './state-mark.tsx';
import './session-list.css';

const t = en.sessions;

export interface SessionRowProps {
  readonly session: SessionSummary;
  readonly isOpen: boolean;
  readonly isTabStop: boolean;
  readonly isShared: boolean;
  readonly nowMs: number;
}

/** One session in a list. */
export function SessionRow({ session, isOpen, isTabStop, isShared, nowMs }: SessionRowProps) {
  const { acts } = useWorld();
  const folder = session.cwd.split(/[\\/]/).filter(Boolean).at(-1) ?? session.cwd;
  const group = groupOf(session);
  const pulse = useHost(({ pulses }) => notablePulse(pulses, session.id));
  return (
    <li>
      <button
        type="button"
        className={`session-row session-row-${group}`}
        aria-current={isOpen ? 'page' : undefined}
        tabIndex={isTabStop ? 0 : -1}
        data-roving
        onClick={() => acts.show(session.id)}
      >
        <StateMark session={session} />
        <span className="session-title">
          <Shown text={session.title || t.untitled} />
        </span>
        <span className="session-age">{ageOf(session.updatedAt, nowMs)}</span>
        <span className="session-line">
          <span className="unseen">{t.states[session.state]}, </span>
          {session.approvals > 0 ? (
            <span className="session-needs">{t.approvals(session.approvals)}</span>
          ) : session.state === 'failed' ? (
            <span className="session-failed">{t.states.failed}</span>
          ) : session.interrupted ? (
            <span className="session-needs">{en.standing.row.interrupted}</span>
          ) : session.parked !== null ? (
            <span className="session-stands">
              {en.standing.row.parked(clockOf(session.parked.until, nowMs))}
            </span>
          ) : pulse !== null ? (
            <span className={pulse.pulse === 'hangs' ? 'session-failed' : 'session-stands'}>
              {pulseWords(pulse, nowMs)}
            </span>
          ) : null}
          <span className="session-where">
            {session.agent} · {folder}
          </span>
          {isShared && (
            <>
              <Icon name="people" className="session-shared" />
              <span className="unseen">{en.workplace.badge}</span>
            </>
          )}
          {session.queued > 0 && <span className="session-queued">{t.queued(session.queued)}</span>}
        </span>
      </button>
    </li>
  );
}
