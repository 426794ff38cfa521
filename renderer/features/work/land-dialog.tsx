import { useState } from 'react';
import type { SessionState } from '../../../src/protocol/session/state.ts';
import { LAND_WAYS, type LandWay } from '../../../src/protocol/session/workspace.ts';
import { useWork, useWorld } from '../../state/host-context.tsx';
import { closeOverlay } from '../../state/view-store.ts';
import { en } from '../../strings/en.ts';
import { work } from '../../strings/work.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { StepView } from './step-view.tsx';
import '../../ui/field.css';
import './work.css';

const t = work;
const MAX_MESSAGE_CHARS = 10_000;

/** Hands the work back. It may be closed while it lands; how it ended then stands in the side panel. */
export function LandDialog({ state }: { readonly state: SessionState }) {
  const { works } = useWorld();
  const { step } = useWork(state.id);
  const [began, setBegan] = useState(step?.kind === 'landing');
  const base = state.origin?.base ?? t.noBase;
  const shown = began ? step : null;
  const isOver = shown !== null && shown.kind !== 'landing';
  const close = (): void => {
    if (isOver && shown.kind === 'landed' && shown.result.outcome !== 'conflict')
      works.seen(state.id);
    closeOverlay();
  };
  return (
    <Dialog title={t.landTitle(base)} closeLabel={en.app.close} onClose={close} size="large">
      {shown === null ? (
        <LandForm
          state={state}
          base={base}
          onLand={(way, message) => {
            setBegan(true);
            void works.land(state.id, way, message);
          }}
        />
      ) : (
        <div className="dialog-body">
          <StepView state={state} step={shown} />
          {!isOver && <p className="work-soft">{t.busyLeave}</p>}
          <div className="dialog-acts">
            {shown.kind === 'failed' && (
              <Button
                onClick={() => {
                  works.seen(state.id);
                  setBegan(false);
                }}
              >
                {en.app.tryAgain}
              </Button>
            )}
            <Button look="decide" data-first-focus onClick={close}>
              {en.app.close}
            </Button>
          </div>
        </div>
      )}
    </Dialog>
  );
}

interface LandFormProps {
  readonly state: SessionState;
  readonly base: string;
  readonly onLand: (way: LandWay, message: string) => void;
}

function LandForm({ state, base, onLand }: LandFormProps) {
  const { changes } = useWork(state.id);
  const [way, setWay] = useState<LandWay>('merge');
  const [message, setMessage] = useState('');
  return (
    <form
      className="dialog-body"
      onSubmit={(event) => {
        event.preventDefault();
        onLand(way, way === 'cherry-pick' ? '' : message.trim());
      }}
    >
      <p>
        {t.landBody(state.origin?.branch ?? '', base)}
        {changes?.uncommitted === true && ` ${t.landUncommitted}`}
      </p>
      {changes !== null && (
        <p className="work-sum">
          {t.summary(changes.total, changes.commits)}{' '}
          <span className="work-lines">{en.diff.lines(changes.insertions, changes.deletions)}</span>
        </p>
      )}
      <fieldset className="field">
        <legend className="field-label">{t.way}</legend>
        {LAND_WAYS.map((one) => (
          <label key={one} className="tick">
            <input
              type="radio"
              name="way"
              value={one}
              checked={one === way}
              {...(one === way && { 'data-first-focus': true })}
              onChange={() => setWay(one)}
            />
            <span>
              {t.ways[one]} <span className="field-hint">{t.wayHints[one]}</span>
            </span>
          </label>
        ))}
      </fieldset>
      {way !== 'cherry-pick' && (
        <label className="field">
          <span className="field-label">
            {t.message} <span className="field-required">({en.start.optional})</span>
          </span>
          <textarea
            className="input"
            rows={2}
            value={message}
            maxLength={MAX_MESSAGE_CHARS}
            placeholder={state.title || t.messageHint}
            onChange={(event) => setMessage(event.target.value)}
          />
        </label>
      )}
      <div className="dialog-acts">
        <Button look="quiet" shortcut="Esc" onClick={closeOverlay}>
          {en.app.cancel}
        </Button>
        <Button look="decide" type="submit">
          {t.landDo}
        </Button>
      </div>
    </form>
  );
}
