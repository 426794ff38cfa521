import { useState } from 'react';
import type { PowerState } from '../../../src/protocol/power.ts';
import { useWorld } from '../../state/host-context.tsx';
import { power as t } from '../../strings/power.ts';
import { Button } from '../../ui/button.tsx';
import { ActWords } from './act-words.tsx';
import { useAct } from './use-act.ts';

/** A person is asked for a password meanwhile. */
const SET_UP_LIMIT_MS = 5 * 60_000;

/** What the closed lid needs once on this machine; says what it changes before it does. */
export function SetUpPart({ power }: { readonly power: PowerState }) {
  const { link, surface } = useWorld();
  const act = useAct();
  const [isAsking, setAsking] = useState(false);
  const { setUp } = power.lid;
  if (setUp === null) return null;
  const undo = setUp === 'done';
  return (
    <section aria-label={t.setUp.title}>
      <h3>{t.setUp.title}</h3>
      <p>{undo ? t.setUp.done : t.setUp.needed}</p>
      {surface === 'phone' && !undo && <p className="power-soft">{t.setUp.atComputer}</p>}
      {isAsking && (
        <div className="power-ask" role="group" aria-label={t.setUp.ask}>
          <p>{undo ? t.setUp.undoBody : t.setUp.bodies[systemOf(navigator.userAgent)]}</p>
          <div className="power-acts">
            <Button
              look="decide"
              disabled={act.isBusy}
              onClick={() => {
                setAsking(false);
                act.run(
                  async () => (await link.call('power.setUp', { undo }, SET_UP_LIMIT_MS)).message,
                );
              }}
            >
              {undo ? t.setUp.agreeUndo : t.setUp.agree}
            </Button>
            <Button look="quiet" autoFocus onClick={() => setAsking(false)}>
              {t.setUp.keep}
            </Button>
          </div>
        </div>
      )}
      {surface !== 'phone' && !isAsking && (
        <div className="power-acts">
          <Button
            look={undo ? 'quiet' : 'plain'}
            disabled={act.isBusy}
            onClick={() => setAsking(true)}
          >
            {undo ? t.setUp.undo : t.setUp.start}
          </Button>
        </div>
      )}
      <ActWords act={act} />
    </section>
  );
}

/** Set up is what the page runs on: a local surface asks. */
function systemOf(userAgent: string): keyof typeof t.setUp.bodies {
  if (/Mac/u.test(userAgent)) return 'macos';
  return /Linux/u.test(userAgent) ? 'linux' : 'other';
}
