import type { SessionState } from '../../../src/protocol/session/state.ts';
import { work } from '../../strings/work.ts';
import { IconButton } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { useCopied } from '../../ui/use-copied.ts';
import './work.css';

const t = work;

/** In the head of a session: its branch, what it came from, and where it lies. */
export function BranchLine({ state }: { readonly state: SessionState }) {
  const { origin, worktree } = state;
  // Where the clipboard is refused the path can still be read in the side panel.
  const { copied, copy } = useCopied(worktree ?? '');
  if (origin === null || worktree === null) return null;
  return (
    <span className="branch">
      <Icon name="branch" />
      <span className="branch-words" title={t.branchWords(origin.branch, origin.base)}>
        <span aria-hidden="true">{t.branchLine(origin.branch, origin.base)}</span>
        <span className="unseen">{t.branchWords(origin.branch, origin.base)}</span>
      </span>
      <IconButton label={copied ? t.copied : t.copyPath} title={worktree} onClick={copy}>
        <Icon name={copied ? 'check' : 'copy'} />
      </IconButton>
    </span>
  );
}
