import { en } from '../../strings/en.ts';
import { ShareTick } from './share-tick.tsx';
import type { FolderLook } from './use-folder-look.ts';
import './workplace.css';

const t = en.workplace;

export type Isolate = 'worktree' | 'none';

export interface WorkplaceProps {
  readonly look: FolderLook | null;
  readonly isolate: Isolate;
  readonly isShared: boolean;
  readonly onIsolate: (isolate: Isolate) => void;
  readonly onShare: (isShared: boolean) => void;
}

/** Where the session works: a worktree of its own, or the folder itself, shared only on purpose. */
export function Workplace({ look, isolate, isShared, onIsolate, onShare }: WorkplaceProps) {
  if (look === null) return null;
  const isInFolder = look.git === null || isolate === 'none';
  return (
    <>
      {look.git === null ? (
        <p className="field-hint">{t.noGit}</p>
      ) : (
        <fieldset className="field">
          <legend className="field-label">{t.label}</legend>
          <div className="modes">
            {(['worktree', 'none'] as const).map((one) => (
              <label key={one} className="mode-choice">
                <input
                  type="radio"
                  name="isolate"
                  value={one}
                  checked={one === isolate}
                  onChange={() => onIsolate(one)}
                />
                <span>
                  {one === 'worktree' ? t.worktree : t.folder}
                  <span className="field-hint">
                    {one === 'worktree'
                      ? t.worktreeHint(look.git?.branch ?? null)
                      : t.folderHint(look.git?.branch ?? null)}
                  </span>
                </span>
              </label>
            ))}
          </div>
        </fieldset>
      )}
      {isInFolder && look.sessions.length > 0 && (
        <ShareTick sessions={look.sessions} isShared={isShared} onShare={onShare} />
      )}
    </>
  );
}
