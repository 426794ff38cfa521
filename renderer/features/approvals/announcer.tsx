import { useEffect, useState } from 'react';
import { useHost } from '../../state/host-context.tsx';
import { en } from '../../strings/en.ts';

/** Says politely that something new needs the person; not that something was decided. */
export function NeedsYouAnnouncer() {
  const count = useHost((host) => host.approvals.length);
  const [said, setSaid] = useState({ count: 0, words: '' });
  if (said.count !== count)
    setSaid({ count, words: count > said.count ? en.home.announce(count) : '' });
  useEffect(() => {
    document.title = count > 0 ? `(${count}) ${en.app.name}` : en.app.name;
  }, [count]);
  return (
    <p className="unseen" role="status" aria-live="polite">
      {said.words}
    </p>
  );
}
