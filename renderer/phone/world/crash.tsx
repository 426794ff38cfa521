import { Component, type ReactNode } from 'react';
import { phoneApp as words } from '../../strings/phone-app.ts';
import { Button } from '../../ui/button.tsx';

/** Instead of a white page: what happened, and the way on. */
export function Crashed({ message }: { readonly message: string }) {
  return (
    <main className="crash" role="alert">
      <h1>{words.crashed}</h1>
      <p>{words.crashedBody}</p>
      <p className="crash-reason">{message}</p>
      <Button look="decide" onClick={() => location.reload()}>
        {words.reload}
      </Button>
    </main>
  );
}

export class CrashGuard extends Component<
  { readonly children: ReactNode },
  { readonly message: string | null }
> {
  override state: { readonly message: string | null } = { message: null };

  static getDerivedStateFromError(error: unknown): { message: string } {
    return { message: error instanceof Error ? error.message : String(error) };
  }

  override render(): ReactNode {
    const { message } = this.state;
    return message === null ? this.props.children : <Crashed message={message} />;
  }
}
