import { Button } from '../../ui/button.tsx';

export interface SureProps {
  readonly title: string;
  readonly body: string;
  readonly keep: string;
  readonly act: string;
  readonly onKeep: () => void;
  readonly onAct: () => void;
}

/** A question in its place; keeping things as they are has the focus. */
export function Sure({ title, body, keep, act, onKeep, onAct }: SureProps) {
  return (
    <div className="sure" role="group" aria-label={title}>
      <p>
        <strong>{title}</strong> {body}
      </p>
      <div className="dialog-acts">
        <Button look="danger" onClick={onAct}>
          {act}
        </Button>
        <Button look="decide" ref={focused} onClick={onKeep}>
          {keep}
        </Button>
      </div>
    </div>
  );
}

function focused(button: HTMLButtonElement | null): void {
  button?.focus();
}
