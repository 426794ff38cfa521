import { useMemo } from 'react';
import type { ChangedFile } from '../../../src/protocol/session/workspace.ts';
import { work } from '../../strings/work.ts';
import { DiffFigure } from '../diff/diff-view.tsx';
import { patchRows } from '../diff/patch-rows.ts';
import './work.css';

const t = work;

/** One file's part of a worktree's diff. */
export function FileDiff({
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
