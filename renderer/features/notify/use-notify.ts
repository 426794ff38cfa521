import { useCallback, useEffect, useMemo, useState } from 'react';
import type { NotifyChannels, NotifyPolicy, NotifyState } from '../../../src/protocol/attention.ts';
import type { NotifyTest } from '../../../src/protocol/push.ts';
import { useHost, useWorld } from '../../state/host-context.tsx';
import { newCommandId } from '../../state/uuid.ts';

/** Nobody is told how a place fares: the host is asked while somebody looks. */
const LOOK_EVERY_MS = 10_000;
/** A test takes the host up to 15 s; this is for the way. */
const TEST_LIMIT_MS = 20_000;

export interface NotifyActs {
  /** These throw in words, for the form that asks. */
  setPolicy(policy: Partial<NotifyPolicy>): Promise<void>;
  setChannels(channels: Partial<NotifyChannels>): Promise<void>;
  test(place: string): Promise<NotifyTest>;
}

export interface Notify {
  /** null until the host has told. */
  readonly notify: NotifyState | null;
  readonly failure: string | null;
  readonly acts: NotifyActs;
}

/** When and where a person is told, as it is now, for as long as this is on screen. */
export function useNotify(): Notify {
  const { link } = useWorld();
  const isUp = useHost((host) => host.link.kind === 'up');
  const [notify, setNotify] = useState<NotifyState | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const look = useCallback(
    () =>
      link.call('notify.state', {}).then(
        (answer) => {
          setFailure(null);
          setNotify(answer.notify);
        },
        (error: unknown) => setFailure(error instanceof Error ? error.message : String(error)),
      ),
    [link],
  );
  useEffect(() => {
    if (!isUp) return;
    void look();
    const timer = setInterval(() => void look(), LOOK_EVERY_MS);
    const undo = link.onNotice((notice) => {
      if (notice.name === 'devices.changed') void look();
    });
    return () => {
      clearInterval(timer);
      undo();
    };
  }, [link, isUp, look]);
  const acts = useMemo(
    (): NotifyActs => ({
      setPolicy: async (policy) => {
        const answer = await link.call('notify.setPolicy', { commandId: newCommandId(), policy });
        setNotify(answer.notify);
      },
      setChannels: async (channels) => {
        const commandId = newCommandId();
        const answer = await link.call('notify.setChannels', { commandId, channels });
        setNotify(answer.notify);
      },
      test: async (place) => {
        const result = await link.call('notify.test', { place }, TEST_LIMIT_MS);
        void look();
        return result;
      },
    }),
    [link, look],
  );
  return { notify, failure, acts };
}
