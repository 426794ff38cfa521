import { useEffect } from 'react';
import type { LidReport } from '../../../src/protocol/power.ts';
import { useHost, useWorld } from '../../state/host-context.tsx';

/**
 * Of the lid that is closed, or was last; null when there was none. Asked for when the host is reached, told
 * from then on.
 */
export function useLidReport(): LidReport | null {
  const { link, store } = useWorld();
  const isUp = useHost((host) => host.link.kind === 'up');
  const report = useHost((host) => host.lidReport);
  useEffect(() => {
    if (!isUp) return;
    link.call('power.lidReport', {}).then(
      (answer) => store.setState({ lidReport: answer.report }),
      () => {
        // An older host knows none.
      },
    );
  }, [isUp, link, store]);
  return report;
}
