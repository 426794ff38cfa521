import { useState } from 'react';
import { MAX_TITLE_CHARS } from '../../../src/protocol/limits.ts';
import type { SessionId } from '../../../src/protocol/ids.ts';
import { useWorld } from '../../state/host-context.tsx';
import { closeOverlay } from '../../state/view-store.ts';
import { en } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import '../../ui/field.css';

const t = en.session;

export function RenameDialog({
  sessionId,
  title,
}: {
  readonly sessionId: SessionId;
  readonly title: string;
}) {
  const { acts } = useWorld();
  const [value, setValue] = useState(title);
  const isNamed = value.trim() !== '';
  return (
    <Dialog title={t.renameTitle} closeLabel={en.app.close} onClose={closeOverlay}>
      <form
        className="dialog-body"
        onSubmit={(event) => {
          event.preventDefault();
          if (!isNamed) return;
          void acts.rename(sessionId, value.trim());
          closeOverlay();
        }}
      >
        <label className="field">
          <span className="field-label">{t.title}</span>
          <input
            className="input"
            value={value}
            maxLength={MAX_TITLE_CHARS}
            data-first-focus
            onFocus={(event) => event.target.select()}
            onChange={(event) => setValue(event.target.value)}
          />
        </label>
        <div className="dialog-acts">
          <Button look="quiet" onClick={closeOverlay}>
            {en.app.cancel}
          </Button>
          <Button look="decide" type="submit" disabled={!isNamed}>
            {t.save}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

interface ConfirmProps {
  readonly title: string;
  readonly body: string;
  readonly keep: string;
  readonly act: string;
  readonly onAct: () => void;
}

/** Keeping things as they are has the focus. */
export function Confirm({ title, body, keep, act, onAct }: ConfirmProps) {
  return (
    <Dialog title={title} closeLabel={en.app.close} onClose={closeOverlay}>
      <div className="dialog-body">
        <p>{body}</p>
        <div className="dialog-acts">
          <Button
            look="danger"
            onClick={() => {
              closeOverlay();
              onAct();
            }}
          >
            {act}
          </Button>
          <Button look="decide" data-first-focus onClick={closeOverlay}>
            {keep}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

export function ConfirmStop({ sessionId }: { readonly sessionId: SessionId }) {
  const { acts } = useWorld();
  return (
    <Confirm
      title={t.stopTitle}
      body={t.stopBody}
      keep={t.stopKeep}
      act={t.stop}
      onAct={() => void acts.live(sessionId, 'stop')}
    />
  );
}
