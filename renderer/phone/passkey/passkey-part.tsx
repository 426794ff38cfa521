import { useEffect, useState } from 'react';
import { useHost, useWorld } from '../../state/host-context.tsx';
import { passkey as words } from '../../strings/phone-passkey.ts';
import { Button } from '../../ui/button.tsx';
import { passkeyObstacle, registerPasskey } from './passkey.ts';

type Stage = 'unknown' | 'none' | 'working' | 'registered';

/** Sets up what shows that its person holds this phone. */
export function PasskeyPart() {
  const { link } = useWorld();
  const isUp = useHost((host) => host.link.kind === 'up');
  const [stage, setStage] = useState<Stage>('unknown');
  const [problem, setProblem] = useState<string | null>(null);
  const obstacle = passkeyObstacle(window);
  useEffect(() => {
    if (!isUp || obstacle !== null) return undefined;
    let isOver = false;
    // The host refuses this to a device that has none.
    link.call('passkey.request', {}).then(
      () => !isOver && setStage('registered'),
      () => !isOver && setStage('none'),
    );
    return () => void (isOver = true);
  }, [isUp, link, obstacle]);
  const register = async (): Promise<void> => {
    setStage('working');
    setProblem(null);
    try {
      await registerPasskey(link, window);
      setStage('registered');
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
      setStage('none');
    }
  };
  if (obstacle !== null) return <p className="soft">{obstacle}</p>;
  return (
    <>
      <p>{words.what}</p>
      {(stage === 'unknown' || !isUp) && <p className="soft">{words.unknown}</p>}
      {isUp && stage === 'registered' && (
        <p role="status">
          {words.registered} {words.removed}
        </p>
      )}
      {isUp && (stage === 'none' || stage === 'working') && (
        <Button disabled={stage === 'working'} onClick={() => void register()}>
          {stage === 'working' ? words.working : words.register}
        </Button>
      )}
      {problem !== null && <p role="alert">{problem}</p>}
    </>
  );
}
