import type { Changes } from '../../../src/protocol/session/workspace.ts';
import type { SessionState } from '../../../src/protocol/session/state.ts';
import { useWork, useWorld } from '../../state/host-context.tsx';
import { openOverlay } from '../../state/view-store.ts';
import { en } from '../../strings/en.ts';
import { work } from '../../strings/work.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { withKeys } from '../keyboard/platform.ts';
import { isAtRest } from '../palette/commands.ts';
import { FileList } from './file-list.tsx';
import { StepView } from './step-view.tsx';
import { useLooked } from './use-looked.ts';
import './work.css';

const t = work;

/** What a session did in its own worktree, and the ways to hand it back. */
export function ChangesPart({ state }: { readonly state: SessionState }) {
  const { works } = useWorld();
  const work = useWork(state.id);
  useLooked(state);
  const isThere = state.worktreeState === 'made' || state.worktreeState === 'landed';
  const rests = isAtRest(state);
  const isBusy = work.step?.kind === 'landing' || work.step?.kind === 'discarding';
  return (
    <section className="side-part work" aria-labelledby="work-title">
      <div className="work-head">
        <h2 id="work-title">{t.title}</h2>
        {isThere && (
          <IconButton
            label={t.refresh}
            disabled={work.isLooking}
            onClick={() => void works.look(state.id)}
          >
            <Icon name="again" />
          </IconButton>
        )}
      </div>
      {state.worktreeState === 'planned' && <p className="side-none">{t.planned}</p>}
      {state.worktreeState === 'discarded' && work.step === null && (
        <p className="side-none">{t.gone}</p>
      )}
      {isThere && work.problem !== null && (
        <p className="field-problem" role="alert">
          {t.failed} {work.problem}
        </p>
      )}
      {isThere && work.changes === null && work.problem === null && (
        <p className="side-none" role="status">
          {t.loading}
        </p>
      )}
      {isThere && work.changes !== null && <Summary state={state} changes={work.changes} />}
      {work.step !== null && (
        <div className="work-last">
          <StepView state={state} step={work.step} />
          {!isBusy && (
            <IconButton label={t.dismiss} onClick={() => works.seen(state.id)}>
              <Icon name="close" />
            </IconButton>
          )}
        </div>
      )}
      {isThere && !rests && <p className="side-none">{t.whileWorking}</p>}
      {isThere && (
        <div className="work-acts">
          {state.origin?.base != null && (
            <Button
              disabled={isBusy || !rests || work.changes === null}
              onClick={() => openOverlay({ name: 'land', sessionId: state.id })}
              {...withKeys('land')}
            >
              {t.land}
            </Button>
          )}
          <Button
            look="quiet"
            disabled={isBusy || !rests}
            onClick={() => openOverlay({ name: 'discard', sessionId: state.id })}
            {...withKeys('discard')}
          >
            {t.discard}
          </Button>
        </div>
      )}
    </section>
  );
}

function Summary({ state, changes }: { readonly state: SessionState; readonly changes: Changes }) {
  const { files, total, insertions, deletions, commits, uncommitted, landed, base } = changes;
  if (total === 0)
    return (
      <p className="side-none">
        {state.worktreeState === 'landed' && base !== null ? t.onBase(base) : t.nothing}
      </p>
    );
  return (
    <>
      <p className="work-sum">
        {t.summary(total, commits)}{' '}
        <span className="work-lines" title={en.diff.linesWords(insertions, deletions)}>
          {en.diff.lines(insertions, deletions)}
        </span>
        {uncommitted && <span className="work-soft">{t.uncommitted}</span>}
        {landed && !uncommitted && base !== null && (
          <span className="work-soft">{t.onBase(base)}</span>
        )}
      </p>
      <FileList
        files={files}
        onChoose={(file) => openOverlay({ name: 'review', sessionId: state.id, file })}
      />
      {total > files.length && <p className="side-none">{t.more(total - files.length)}</p>}
      <Button
        look="quiet"
        className="work-review"
        onClick={() => openOverlay({ name: 'review', sessionId: state.id })}
        {...withKeys('changes')}
      >
        {t.review}
      </Button>
    </>
  );
}
