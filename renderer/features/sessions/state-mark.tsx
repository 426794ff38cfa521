import type { SessionSummary } from '../../../src/protocol/session/state.ts';
import { groupOf } from './grouping.ts';

/** A session's state as a small shape: dot in a ring, filled, hollow, a clock, a broken ring, a dash, a triangle. */
export function StateMark({
  session,
}: {
  readonly session: Pick<SessionSummary, 'state' | 'approvals' | 'archived'> & SessionSummary;
}) {
  const group = groupOf(session);
  const shape =
    session.state === 'failed'
      ? 'failed'
      : group === 'quiet' && session.parked !== null
        ? 'parked'
        : group === 'needsYou' && session.approvals === 0
          ? 'interrupted'
          : group;
  return (
    <svg
      className={`mark mark-${shape}`}
      viewBox="0 0 12 12"
      width="12"
      height="12"
      aria-hidden="true"
      focusable="false"
    >
      {shape === 'needsYou' && (
        <>
          <circle cx="6" cy="6" r="5" fill="none" stroke="currentColor" strokeWidth="1.500" />
          <circle cx="6" cy="6" r="2.500" fill="currentColor" />
        </>
      )}
      {shape === 'working' && <circle cx="6" cy="6" r="4" fill="currentColor" />}
      {(shape === 'quiet' || shape === 'archived') && (
        <circle cx="6" cy="6" r="3.500" fill="none" stroke="currentColor" strokeWidth="1.200" />
      )}
      {shape === 'parked' && (
        <path
          d="M6 10.500a4.500 4.500 0 1 0 0-9 4.500 4.500 0 0 0 0 9ZM6 3.500V6l1.800 1"
          fill="none"
          stroke="currentColor"
          strokeWidth="1.200"
          strokeLinecap="round"
        />
      )}
      {shape === 'interrupted' && (
        <path
          d="M4 1.900a4.500 4.500 0 0 0 0 8.200M8 1.900a4.500 4.500 0 0 1 0 8.200"
          fill="none"
          stroke="currentColor"
          strokeWidth="1.700"
          strokeLinecap="round"
        />
      )}
      {shape === 'ended' && (
        <path d="M2.500 6h7" stroke="currentColor" strokeWidth="1.500" strokeLinecap="round" />
      )}
      {shape === 'failed' && (
        <path
          d="M6 1.500 11 10.500H1z"
          fill="none"
          stroke="currentColor"
          strokeWidth="1.500"
          strokeLinejoin="round"
        />
      )}
    </svg>
  );
}
