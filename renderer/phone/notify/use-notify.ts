import { useCallback, useEffect, useState } from 'react';
import type { NotifyPolicy, NotifyState } from '../../../src/protocol/attention.ts';
import { RpcFailure } from '../../../src/protocol/errors.ts';
import { newCommandId } from '../../state/uuid.ts';
import { useHost, useWorld } from '../../state/host-context.tsx';
import { notify as t } from '../../strings/phone-notify.ts';

export interface NotifyNow {
  /** undefined: not told yet. */
  readonly notify: NotifyState | undefined;
  readonly failure: string | null;
  look(): void;
  /** Resolves with why it was not saved, in words; null: it is. */
  save(policy: Partial<NotifyPolicy>): Promise<string | null>;
}

/** When and how people are told by this host, as it says itself. */
export function useNotify(): NotifyNow {
  const { link } = useWorld();
  const isUp = useHost((host) => host.link.kind === 'up');
  const [notify, setNotify] = useState<NotifyState>();
  const [failure, setFailure] = useState<string | null>(null);
  const look = useCallback(() => {
    link.call('notify.state', {}).then(
      (answer) => {
        setFailure(null);
        setNotify(answer.notify);
      },
      (error: unknown) => setFailure(wordsOf(error)),
    );
  }, [link]);
  useEffect(() => {
    if (isUp) look();
  }, [isUp, look]);
  const save = useCallback(
    async (policy: Partial<NotifyPolicy>) => {
      try {
        const answer = await link.call('notify.setPolicy', { commandId: newCommandId(), policy });
        setNotify(answer.notify);
        return null;
      } catch (error) {
        return wordsOf(error);
      }
    },
    [link],
  );
  return { notify, failure, look, save };
}

function wordsOf(error: unknown): string {
  if (error instanceof RpcFailure && error.is('methodNotFound')) return t.old;
  return error instanceof Error ? error.message : String(error);
}
