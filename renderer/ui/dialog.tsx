import { useEffect, useId, useRef, type ReactNode } from 'react';
import { IconButton } from './button.tsx';
import { Icon } from './icon.tsx';
import './dialog.css';

export interface DialogProps {
  readonly title: string;
  readonly closeLabel: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly size?: 'small' | 'large' | 'wide';
  /** For a palette: the title is only read out. */
  readonly hideTitle?: boolean;
}

/**
 * A modal on the browser's own <dialog>: it traps focus, makes the rest inert, closes on Esc. Focus
 * goes back to where it was, and starts at the element with `data-first-focus`.
 */
export function Dialog({
  title,
  closeLabel,
  onClose,
  children,
  size = 'small',
  hideTitle = false,
}: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const dialog = ref.current;
    if (dialog === null) return;
    const before = document.activeElement;
    dialog.showModal();
    dialog.querySelector<HTMLElement>('[data-first-focus]')?.focus();
    return () => {
      dialog.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={ref}
      className={`dialog dialog-${size}`}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onMouseDown={(event) => {
        if (event.target === event.currentTarget) onClose();
      }}
    >
      <div className="dialog-sheet">
        <div className={hideTitle ? 'unseen' : 'dialog-head'}>
          <h2 id={titleId}>{title}</h2>
          {!hideTitle && (
            <IconButton label={closeLabel} shortcut="Esc" onClick={onClose}>
              <Icon name="close" />
            </IconButton>
          )}
        </div>
        {children}
      </div>
    </dialog>
  );
}
