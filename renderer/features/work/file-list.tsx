import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef } from 'react';
import type { ChangedFile } from '../../../src/protocol/session/workspace.ts';
import { en } from '../../strings/en.ts';
import { work } from '../../strings/work.ts';
import { rove } from '../../ui/roving.ts';

const t = work;
const ROW_PX = 28;

export interface FileListProps {
  readonly files: readonly ChangedFile[];
  /** Path of the one that is shown; undefined where none is. */
  readonly chosen?: string | undefined;
  readonly onChoose: (path: string) => void;
}

/** Any number of changed files; only those in view are drawn. One stop for Tab, arrows inside. */
export function FileList({ files, chosen, onChoose }: FileListProps) {
  const scroll = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: files.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW_PX,
    overscan: 8,
  });
  const chosenAt = files.findIndex(({ path }) => path === chosen);
  const rows = virtual.getVirtualItems();
  const stopAt = rows.some(({ index }) => index === chosenAt) ? chosenAt : rows[0]?.index;
  useEffect(() => {
    if (chosenAt >= 0) virtual.scrollToIndex(chosenAt, { align: 'auto' });
  }, [virtual, chosenAt]);
  return (
    <div className="files" ref={scroll} onKeyDown={(event) => rove(event)}>
      <ul role="list" aria-label={t.files} style={{ height: virtual.getTotalSize() }}>
        {rows.map(({ index, start }) => {
          const file = files[index];
          return file === undefined ? null : (
            <li
              key={file.path}
              style={{ transform: `translateY(${start}px)` }}
              aria-setsize={files.length}
              aria-posinset={index + 1}
            >
              <button
                type="button"
                data-roving
                tabIndex={index === stopAt ? 0 : -1}
                aria-current={file.path === chosen ? 'true' : undefined}
                title={
                  file.from === undefined ? file.path : `${file.path} (${t.renamedFrom(file.from)})`
                }
                onClick={() => onChoose(file.path)}
              >
                <FileWords file={file} />
              </button>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

/** The name first: of a long path its end says most. */
function FileWords({ file }: { readonly file: ChangedFile }) {
  const cut = file.path.lastIndexOf('/') + 1;
  return (
    <>
      <span className="files-path">
        <span className="files-name">{file.path.slice(cut)}</span>
        {cut > 0 && <span className="files-folder">{file.path.slice(0, cut - 1)}</span>}
      </span>
      {file.status !== 'modified' && (
        <span className="files-status">{t.statuses[file.status]}</span>
      )}
      {!file.binary && (
        <span className="files-count">
          <span aria-hidden="true">{en.diff.lines(file.insertions, file.deletions)}</span>
          <span className="unseen">{en.diff.linesWords(file.insertions, file.deletions)}</span>
        </span>
      )}
    </>
  );
}
