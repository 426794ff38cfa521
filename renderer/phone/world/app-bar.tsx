import { useStore } from 'zustand';
import type { StoreApi } from 'zustand/vanilla';
import { phoneApp as words } from '../../strings/phone-app.ts';
import { Button } from '../../ui/button.tsx';
import type { StorageTrouble } from '../store/database.ts';
import type { AppUpdates } from '../worker/app-version.ts';
import './app-bar.css';

export interface AppBarProps {
  readonly updates: AppUpdates;
  readonly trouble: StoreApi<{ readonly trouble: StorageTrouble | null }>;
}

/** What concerns the app and no host, below whatever is shown. */
export function AppBar({ updates, trouble }: AppBarProps) {
  const found = useStore(trouble, (state) => state.trouble);
  const updateReady = useStore(updates.store, (version) => version.updateReady);
  if (found !== null)
    return <Bar text={words[found]} button={words.reload} onClick={() => location.reload()} />;
  if (!updateReady) return null;
  return <Bar text={words.updateReady} button={words.update} onClick={() => updates.update()} />;
}

function Bar(props: {
  readonly text: string;
  readonly button: string;
  readonly onClick: () => void;
}) {
  return (
    <div className="app-bar" role="status">
      <span>{props.text}</span>
      <Button onClick={props.onClick}>{props.button}</Button>
    </div>
  );
}
