import { useEffect, useRef, useState } from 'react';
import type { Result } from '../../../src/protocol/methods.ts';
import { useWorld } from '../../state/host-context.tsx';
import { en } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { rove } from '../../ui/roving.ts';
import '../side/side-panel.css';

const t = en.start;

export interface FolderBrowserProps {
  readonly start: string | undefined;
  readonly onChoose: (folder: string) => void;
}

/** Folders of the host's machine, where the system's own dialog cannot be had. */
export function FolderBrowser({ start, onChoose }: FolderBrowserProps) {
  const { link } = useWorld();
  const [path, setPath] = useState(start);
  const [listing, setListing] = useState<Result<'folder.list'> | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    let isCurrent = true;
    link.call('folder.list', path === undefined || path === '' ? {} : { path }).then(
      (found) => {
        if (!isCurrent) return;
        setListing(found);
        setProblem(null);
      },
      (error: unknown) =>
        isCurrent && setProblem(error instanceof Error ? error.message : String(error)),
    );
    return () => {
      isCurrent = false;
    };
  }, [link, path]);
  const parent = listing?.parent ?? null;
  return (
    <div className="browser">
      <div className="browser-head">
        <Button
          look="quiet"
          icon={<Icon name="up" />}
          disabled={parent === null}
          onClick={() => parent !== null && setPath(parent)}
        >
          {t.up}
        </Button>
        <span className="browser-path code">
          {listing?.path ?? path}
          {listing?.git === true && <span className="browser-git"> {t.git}</span>}
        </span>
        <Button
          disabled={listing === null}
          onClick={() => listing !== null && onChoose(listing.path)}
        >
          {t.useThis}
        </Button>
      </div>
      {problem !== null && (
        <p className="field-problem" role="alert">
          {problem}
        </p>
      )}
      <ul role="list" ref={list} className="browser-list" onKeyDown={(event) => rove(event)}>
        {listing?.folders.length === 0 && <li className="side-none browser-none">{t.noFolders}</li>}
        {listing?.folders.map((folder, i) => (
          <li key={folder}>
            <button
              type="button"
              data-roving
              tabIndex={i === 0 ? 0 : -1}
              onClick={() => setPath(joined(listing.path, folder))}
            >
              <Icon name="folder" />
              {nameOf(folder)}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

function nameOf(folder: string): string {
  return folder.split(/[\\/]/).filter(Boolean).at(-1) ?? folder;
}

/** A host may answer with names or whole paths. */
function joined(path: string, folder: string): string {
  if (/^([a-zA-Z]:)?[\\/]/.test(folder)) return folder;
  const separator = path.includes('\\') ? '\\' : '/';
  return path.endsWith(separator) ? path + folder : path + separator + folder;
}
