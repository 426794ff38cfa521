import { useDeferredValue, useMemo, useState } from 'react';
import type { SessionState } from '../../../src/protocol/session/state.ts';
import type { Changes } from '../../../src/protocol/session/workspace.ts';
import { closeOverlay } from '../../state/view-store.ts';
import { en } from '../../strings/en.ts';
import { work } from '../../strings/work.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { filePatches } from '../diff/patch-rows.ts';
import { FileDiff } from './file-diff.tsx';
import { FileList } from './file-list.tsx';
import { usePatch } from './use-patch.ts';
import '../../ui/field.css';
import './work.css';

const t = work;
/** With fewer files than this there is nothing to search. */
const FIND_FROM = 12;

export interface ReviewProps {
  readonly state: SessionState;
  readonly file: string | undefined;
}

/** The whole diff of a worktree, one file at a time. */
export function Review({ state, file }: ReviewProps) {
  const { changes, problem, again } = usePatch(state.id);
  return (
    <Dialog title={t.reviewTitle} closeLabel={en.app.close} onClose={closeOverlay} size="wide">
      {changes !== null ? (
        changes.files.length === 0 ? (
          <p className="dialog-body">{t.nothing}</p>
        ) : (
          <Files changes={changes} first={file} />
        )
      ) : problem === null ? (
        <p className="dialog-body" role="status">
          {t.loading}
        </p>
      ) : (
        <div className="dialog-body" role="alert">
          <p>
            {t.failed} {problem}
          </p>
          <div>
            <Button onClick={again}>{en.app.tryAgain}</Button>
          </div>
        </div>
      )}
    </Dialog>
  );
}

function Files({
  changes,
  first,
}: {
  readonly changes: Changes;
  readonly first: string | undefined;
}) {
  const [chosen, setChosen] = useState(first);
  const [typed, setTyped] = useState('');
  const sought = useDeferredValue(typed.trim().toLowerCase());
  const patches = useMemo(() => filePatches(changes.patch ?? ''), [changes.patch]);
  const found = useMemo(
    () => changes.files.filter(({ path }) => path.toLowerCase().includes(sought)),
    [changes.files, sought],
  );
  const current = changes.files.find(({ path }) => path === chosen) ?? found[0];
  return (
    <div className="review">
      <div className="review-files">
        {changes.files.length >= FIND_FROM && (
          <input
            className="input"
            type="search"
            aria-label={t.find}
            placeholder={t.find}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
        )}
        {found.length === 0 ? (
          <p className="side-none">{en.palette.none}</p>
        ) : (
          <FileList files={found} chosen={current?.path} onChoose={setChosen} />
        )}
        {changes.total > changes.files.length && (
          <p className="work-soft">{t.more(changes.total - changes.files.length)}</p>
        )}
      </div>
      <div className="review-diff">
        {current !== undefined && (
          <FileDiff key={current.path} file={current} part={patches.get(current.path)} />
        )}
      </div>
    </div>
  );
}
