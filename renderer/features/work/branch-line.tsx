import { useEffect, useState } from 'react';
import type { SessionState } from '../../../src/protocol/session/state.ts';
import { en } from '../../strings/en.ts';
import { IconButton } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import './work.css';

const t = en.work;
const COPIED_MS = 1_500;

/** In the head of a session: its branch, what it came from, and where it lies. */
export function BranchLine({ state }: { readonly state: SessionState }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), COPIED_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  const { origin, worktree } = state;
  if (origin === null || worktree === null) return null;
  const copy = (): void => {
    // Without the permission the path can still be read in the side panel.
    navigator.clipboard.writeText(worktree).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  };
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
