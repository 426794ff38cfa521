import { lazy, Suspense, useState } from 'react';
import type { FileDiff } from '../../../src/protocol/approval/approval.ts';
import { phone } from '../../strings/phone.ts';
import { Button } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { shortPath } from './short-path.ts';

const t = phone.session;

const DiffView = lazy(async () => ({ default: (await import('./diff-view.tsx')).DiffView }));

/** A file's change, one tap away; its code is loaded with the first tap. */
export function FoldedDiff({ diff, cwd }: { readonly diff: FileDiff; readonly cwd?: string }) {
  const [isOpen, setOpen] = useState(false);
  const path = shortPath(diff.path, cwd);
  return (
    <div className="folded-diff">
      <Button
        icon={<Icon name="chevron" className={isOpen ? 'turned' : ''} />}
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        {isOpen ? t.hideDiff(path) : t.showDiff(path)}
      </Button>
      {isOpen && (
        <Suspense fallback={<p role="status">{t.loading}</p>}>
          <DiffView diff={diff} {...(cwd !== undefined && { cwd })} />
        </Suspense>
      )}
    </div>
  );
}
