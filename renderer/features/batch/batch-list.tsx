import { useId, useState } from 'react';
import type { Approval } from '../../../src/protocol/approval/approval.ts';
import { useHost, useWorld } from '../../state/host-context.tsx';
import { decideMany, type ManyOutcome } from '../../state/decide-many.ts';
import { decide as d } from '../../strings/decide.ts';
import { Button } from '../../ui/button.tsx';
import { Shown } from '../../ui/shown.tsx';
import { useClickGuard } from '../approvals/click-guard.ts';
import { diffRows } from '../diff/diff-rows.ts';
import { shortPath } from '../diff/short-path.ts';
import { en } from '../../strings/en.ts';
import { commandOf } from '../transcript/tool-words.ts';
import { pathsOf, type BatchGroup } from './batch-groups.ts';
import '../../ui/field.css';

const t = d.batch;
/** Counting the lines of larger changes would hold the window. */
const MAX_COUNTED_CHARS = 200_000;

/** The list to look at and untick, and what became of each. */
export function BatchList({
  group,
  approvals,
  onClose,
}: {
  readonly group: BatchGroup;
  /** What is open now. */
  readonly approvals: readonly Approval[];
  readonly onClose: () => void;
}) {
  const { acts } = useWorld();
  const cwd = useHost(({ sessions }) => sessions.find(({ id }) => id === group.sessionId)?.cwd);
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [outcomes, setOutcomes] = useState<ReadonlyMap<string, ManyOutcome>>(new Map());
  const [phase, setPhase] = useState<'choosing' | 'sending' | 'done'>('choosing');
  const [reason, setReason] = useState('');
  const titleId = useId();
  const openIds = new Set(approvals.map(({ id }) => id as string));
  const chosen = group.approvals.filter(({ id }) => openIds.has(id) && !left.has(id));
  // Members that leave or come while it is looked at change what the buttons mean.
  const mayDecide = useClickGuard(
    `${phase} ${group.approvals.filter(({ id }) => openIds.has(id)).length}`,
  );
  const what = t.kinds[group.kind];
  const send = async (allow: boolean): Promise<void> => {
    if (phase !== 'choosing' || chosen.length === 0 || !mayDecide()) return;
    setPhase('sending');
    await decideMany(acts, chosen, { allow, reason: reason.trim() }, ({ id }, outcome) =>
      setOutcomes((before) => new Map([...before, [id, outcome]])),
    );
    setPhase('done');
  };
  const decided = [...outcomes.values()].filter((outcome) => outcome === 'decided').length;
  return (
    <section
      className="card batch"
      aria-labelledby={titleId}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || phase === 'sending') return;
        event.preventDefault();
        onClose();
      }}
    >
      <h2 id={titleId} tabIndex={-1} ref={focused}>
        {t.open(group.approvals.length, what[1], '').replace('…', '')}
        {group.under !== '' && (
          <span className="code">
            {' '}
            <Shown text={group.under} />
          </span>
        )}
      </h2>
      <p className="field-hint">{t.each}</p>
      <ul role="list" className="batch-list">
        {group.approvals.map((approval) => {
          const outcome = outcomes.get(approval.id);
          const isOpen = openIds.has(approval.id) || outcome !== undefined;
          return (
            <li key={approval.id}>
              <label className="tick">
                <input
                  type="checkbox"
                  disabled={phase !== 'choosing' || !isOpen}
                  checked={isOpen && !left.has(approval.id)}
                  onChange={({ target }) => {
                    const next = new Set(left);
                    if (target.checked) next.delete(approval.id);
                    else next.add(approval.id);
                    setLeft(next);
                  }}
                />
                <span className="batch-what code">
                  <Shown text={lineOf(approval, cwd)} />
                </span>
                <span className="batch-outcome">
                  {outcome === undefined
                    ? isOpen
                      ? phase === 'sending' && !left.has(approval.id)
                        ? t.outcomes.sending
                        : ''
                      : en.approvals.elsewhere
                    : t.outcomes[outcome]}
                </span>
              </label>
            </li>
          );
        })}
      </ul>
      {phase === 'done' ? (
        <>
          <p role="status">{t.done(decided, outcomes.size)}</p>
          <div className="card-acts">
            <Button onClick={onClose}>{en.app.close}</Button>
          </div>
        </>
      ) : (
        <>
          <label className="field">
            <span className="field-label">{t.reason}</span>
            <input
              className="input"
              maxLength={4_000}
              value={reason}
              disabled={phase === 'sending'}
              onChange={(event) => setReason(event.target.value)}
            />
          </label>
          {chosen.length === 0 && <p className="field-problem">{t.none}</p>}
          <div className="card-acts">
            <Button
              look="decide"
              disabled={phase === 'sending' || chosen.length === 0}
              onClick={() => void send(true)}
            >
              {t.allow(chosen.length, what[1])}
            </Button>
            <Button
              disabled={phase === 'sending' || chosen.length === 0}
              onClick={() => void send(false)}
            >
              {t.deny(chosen.length)}
            </Button>
            <span className="card-gap" />
            <Button look="quiet" disabled={phase === 'sending'} onClick={onClose}>
              {d.back}
            </Button>
          </div>
        </>
      )}
    </section>
  );
}

function focused(heading: HTMLElement | null): void {
  heading?.focus();
}

/** One call in a line: its command, or its files with the lines it adds and removes. */
function lineOf(approval: Approval, cwd: string | undefined): string {
  const { call, title } = approval;
  const command = commandOf(call.input);
  if (command !== null) return command;
  const files = pathsOf(approval).map((path) => shortPath(path, cwd));
  if (files.length === 0) return title;
  const size = call.diff.reduce(
    (sum, one) => sum + (one.oldText?.length ?? 0) + one.newText.length,
    0,
  );
  if (call.diff.length === 0 || size > MAX_COUNTED_CHARS) return files.join(', ');
  const rows = call.diff.map((one) => diffRows(one.oldText, one.newText));
  const plus = rows.reduce((sum, row) => sum + row.plus, 0);
  const minus = rows.reduce((sum, row) => sum + row.minus, 0);
  return `${files.join(', ')}  ${en.diff.lines(plus, minus)}`;
}
