import type { PlanEntry } from '../../../src/protocol/transcript/content.ts';
import { en } from '../../strings/en.ts';
import './plan.css';

const WORDS: Record<PlanEntry['status'], string> = {
  pending: en.transcript.toolStates.pending,
  in_progress: en.transcript.toolStates.in_progress,
  completed: en.transcript.toolStates.completed,
};

export function PlanList({ entries }: { readonly entries: readonly PlanEntry[] }) {
  return (
    <ol role="list" className="plan">
      {entries.map((entry, i) => (
        <li key={i} className={`plan-${entry.status}`}>
          <svg viewBox="0 0 14 14" width="14" height="14" aria-hidden="true" focusable="false">
            <circle cx="7" cy="7" r="5.500" fill="none" stroke="currentColor" strokeWidth="1.300" />
            {entry.status === 'completed' && (
              <path
                d="m4.300 7.200 2 2 3.500-4"
                fill="none"
                stroke="currentColor"
                strokeWidth="1.500"
                strokeLinecap="round"
                strokeLinejoin="round"
              />
            )}
            {entry.status === 'in_progress' && (
              <circle cx="7" cy="7" r="2.500" fill="currentColor" />
            )}
          </svg>
          <span>
            <span className="unseen">{WORDS[entry.status]}: </span>
            {entry.content}
          </span>
        </li>
      ))}
    </ol>
  );
}
