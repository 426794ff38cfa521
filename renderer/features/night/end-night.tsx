import { useState } from 'react';
import { useHost, useWorld } from '../../state/host-context.tsx';
import { newCommandId } from '../../state/uuid.ts';
import { showToast } from '../../state/view-store.ts';
import { night as t } from '../../strings/night.ts';
import { Button } from '../../ui/button.tsx';

export function EndNight() {
  const { link } = useWorld();
  const isUp = useHost((host) => host.link.kind === 'up');
  const [isEnding, setEnding] = useState(false);
  const end = async (): Promise<void> => {
    setEnding(true);
    try {
      await link.call('night.end', { commandId: newCommandId() });
    } catch (error) {
      showToast(error instanceof Error ? error.message : String(error));
    }
    setEnding(false);
  };
  return (
    <Button disabled={!isUp || isEnding} onClick={() => void end()}>
      {t.end}
    </Button>
  );
}
