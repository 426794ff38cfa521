import { ConfirmRestart } from '../../features/reach/confirm-restart.tsx';
import { ConfirmStop, RenameDialog } from '../../features/sessions/session-dialogs.tsx';
import type { Overlay } from '../../state/view-store.ts';

/** Small questions over the screen; "back" closes them. */
export function Dialogs({ overlay }: { readonly overlay: Overlay }) {
  switch (overlay.name) {
    case 'rename':
      return <RenameDialog sessionId={overlay.sessionId} title={overlay.title} />;
    case 'confirmStop':
      return <ConfirmStop sessionId={overlay.sessionId} />;
    case 'confirmRestart':
      return <ConfirmRestart sessionId={overlay.sessionId} />;
    default:
      return null;
  }
}
