import { useEffect, useState } from 'react';
import type { SessionState } from '../../../src/protocol/session/state.ts';
import type { Changes } from '../../../src/protocol/session/workspace.ts';
import { useWork, useWorld } from '../../state/host-context.tsx';
import { closeOverlay } from '../../state/view-store.ts';
import { en } from '../../strings/en.ts';
import { work } from '../../strings/work.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { StepView } from './step-view.tsx';
import './work.css';

const t = work;

/** Removes the worktree, after saying what would be lost with it. Keeping it has the focus. */
export function DiscardDialog({ state }: { readonly state: SessionState }) {
  const { works } = useWorld();
  const { step, changes, isLooking, problem } = useWork(state.id);
  const [began, setBegan] = useState(step?.kind === 'discarding');
  // What is there now, not what was there when the last turn ended.
  useEffect(() => void works.look(state.id), [works, state.id]);
  const shown = began ? step : null;
  const discard = (force: boolean): void => {
    works.seen(state.id);
    setBegan(true);
    void works.discard(state.id, force);
  };
  const isBusy = shown?.kind === 'discarding';
  const losesWork = changes !== null && isUnlanded(changes);
  return (
    <Dialog title={t.discardTitle} closeLabel={en.app.close} onClose={closeOverlay}>
      <div className="dialog-body">
        {shown !== null ? (
          <>
            <StepView state={state} step={shown} />
            {isBusy && <p className="work-soft">{t.busyLeave}</p>}
            <div className="dialog-acts">
              {shown.kind === 'failed' && shown.wouldLose && (
                <Button look="danger" onClick={() => discard(true)}>
                  {t.discardAnyway}
                </Button>
              )}
              <Button look="decide" data-first-focus onClick={closeOverlay}>
                {shown.kind === 'failed' ? t.discardKeep : en.app.close}
              </Button>
            </div>
          </>
        ) : (
          <>
            <p>{t.discardBody}</p>
            {changes !== null ? (
              <div className={losesWork ? 'work-warn' : 'work-soft'}>
                <p>
                  {losesWork
                    ? t.discardLost(
                        changes.commits,
                        changes.total,
                        changes.uncommitted,
                        changes.base,
                      )
                    : t.discardSafe}
                </p>
                {losesWork && <p>{t.discardKept}</p>}
              </div>
            ) : (
              <p className="work-soft" role="status">
                {isLooking ? t.loading : `${problem ?? ''} ${t.discardUnknown}`}
              </p>
            )}
            <div className="dialog-acts">
              <Button
                look="danger"
                disabled={isLooking && changes === null}
                onClick={() => discard(losesWork)}
              >
                {losesWork ? t.discardAnyway : t.discardDo}
              </Button>
              <Button look="decide" data-first-focus onClick={closeOverlay}>
                {t.discardKeep}
              </Button>
            </div>
          </>
        )}
      </div>
    </Dialog>
  );
}

/** Whether the worktree is the only place that has some of it. */
export function isUnlanded(changes: Changes): boolean {
  return changes.uncommitted || (changes.commits > 0 && !changes.landed);
}
