import { useView } from '../../state/host-context.tsx';
import { dismissToast } from '../../state/view-store.ts';
import { en } from '../../strings/en.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import './toasts.css';

/** What just failed and has no place of its own on the screen. */
export function Toasts() {
  const toasts = useView((view) => view.toasts);
  return (
    <div className="toasts" role="alert">
      {toasts.map(({ id, text, act }) => (
        <div key={id} className={`toast ${act === undefined ? '' : 'toast-calm'}`}>
          <span>{text}</span>
          {act !== undefined && (
            <Button
              onClick={() => {
                dismissToast(id);
                act.run();
              }}
            >
              {act.words}
            </Button>
          )}
          <IconButton label={en.app.dismiss} onClick={() => dismissToast(id)}>
            <Icon name="close" />
          </IconButton>
        </div>
      ))}
    </div>
  );
}
