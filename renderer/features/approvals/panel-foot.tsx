import { decide as d } from '../../strings/decide.ts';
import { Button } from '../../ui/button.tsx';

export interface PanelFootProps {
  /** Words of what sends the form; absent where there is nothing to send, and back has the focus. */
  readonly send?: string;
  readonly disabled?: boolean;
  readonly onBack: () => void;
}

/** The end of each panel in the place of a card's buttons: send it, or back to the card. */
export function PanelFoot({ send, disabled = false, onBack }: PanelFootProps) {
  return (
    <div className="card-acts">
      {send !== undefined && (
        <Button type="submit" disabled={disabled}>
          {send}
        </Button>
      )}
      <Button look="quiet" autoFocus={send === undefined} onClick={onBack}>
        {d.back}
      </Button>
    </div>
  );
}
