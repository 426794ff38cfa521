import { useState } from 'react';
import { useHost, useWorld } from '../../state/host-context.tsx';
import { newCommandId } from '../../state/uuid.ts';
import { night as t } from '../../strings/night.ts';
import { Button } from '../../ui/button.tsx';
import { Shown } from '../../ui/shown.tsx';
import { nightEnd, type NightUntil } from './night-end.ts';
import '../../ui/field.css';

const UNTILS = Object.keys(t.untils) as NightUntil[];

/** Begins an unattended run; until when is said with it. */
export function StartNight() {
  const { link, store } = useWorld();
  const isUp = useHost((host) => host.link.kind === 'up');
  const [until, setUntil] = useState<NightUntil>('morning');
  const [at, setAt] = useState('07:00');
  const [problem, setProblem] = useState<string | null>(null);
  const [isSending, setSending] = useState(false);
  const start = async (): Promise<void> => {
    const end = nightEnd(until, at, Date.now());
    if (end === null) return setProblem(t.notATime);
    setSending(true);
    setProblem(null);
    try {
      const { night } = await link.call('night.start', { commandId: newCommandId(), ...end });
      store.setState({ night });
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
    setSending(false);
  };
  return (
    <form
      className="night-start"
      onSubmit={(event) => {
        event.preventDefault();
        void start();
      }}
    >
      <p>{t.body}</p>
      <div className="field-row">
        <label className="field">
          <span className="field-label">{t.until}</span>
          <select
            className="select"
            data-first-focus
            value={until}
            onChange={({ target }) =>
              setUntil(UNTILS.find((one) => one === target.value) ?? 'morning')
            }
          >
            {UNTILS.map((one) => (
              <option key={one} value={one}>
                {t.untils[one]}
              </option>
            ))}
          </select>
        </label>
        {until === 'at' && (
          <label className="field">
            <span className="field-label">{t.at}</span>
            <input
              className="input"
              type="time"
              value={at}
              aria-invalid={problem === t.notATime}
              onChange={({ target }) => setAt(target.value)}
            />
          </label>
        )}
      </div>
      {problem !== null && (
        <p className="field-problem" role="alert">
          <Shown text={problem} />
        </p>
      )}
      <div className="night-acts">
        <Button type="submit" disabled={!isUp || isSending}>
          {t.start}
        </Button>
      </div>
    </form>
  );
}
