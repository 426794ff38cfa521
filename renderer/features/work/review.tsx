import { useDeferredValue, useEffect, useMemo, useState } from 'react';
import type { SessionState } from '../../../src/protocol/session/state.ts';
import type { ChangedFile, Changes } from '../../../src/protocol/session/workspace.ts';
import { useWorld } from '../../state/host-context.tsx';
import { closeOverlay } from '../../state/view-store.ts';
import { en } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { DiffFigure } from '../diff/diff-view.tsx';
import { filePatches, patchRows } from '../diff/patch-rows.ts';
import { FileList } from './file-list.tsx';
import '../../ui/field.css';
import './work.css';

const t = en.work;
/** With fewer files than this there is nothing to search. */
const FIND_FROM = 12;

export interface ReviewProps {
  readonly state: SessionState;
  readonly file: string | undefined;
}

/** The whole diff of a worktree, one file at a time. */
export function Review({ state, file }: ReviewProps) {
  const { works } = useWorld();
  const [changes, setChanges] = useState<Changes | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [round, setRound] = useState(0);
  useEffect(() => {
    let isCurrent = true;
    works.patch(state.id).then(
      (found) => isCurrent && setChanges(found),
      (error: unknown) =>
        isCurrent && setProblem(error instanceof Error ? error.message : String(error)),
    );
    return () => {
      isCurrent = false;
    };
  }, [works, state.id, round]);
  const again = (): void => {
    setProblem(null);
    setRound(round + 1);
  };
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

function FileDiff({
  file,
  part,
}: {
  readonly file: ChangedFile;
  readonly part: string | undefined;
}) {
  const view = useMemo(() => patchRows(part ?? ''), [part]);
  const isCut = view.plus < file.insertions || view.minus < file.deletions;
  return (
    <>
      <DiffFigure
        view={view}
        name={file.path}
        path={file.from === undefined ? file.path : `${file.path} (${t.renamedFrom(file.from)})`}
        isNew={file.status === 'added'}
        none={file.binary ? t.binary : isCut ? t.cut : t.noText}
      />
      {isCut && view.rows.length > 0 && <p className="work-soft">{t.cut}</p>}
    </>
  );
}
