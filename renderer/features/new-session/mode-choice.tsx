import type { Mode } from '../../../src/protocol/mode.ts';
import { en } from '../../strings/en.ts';

export interface ModeChoiceProps {
  readonly modes: readonly Mode[];
  readonly mode: Mode;
  readonly onMode: (mode: Mode) => void;
}

/** Only modes that the agent can prove it is in. */
export function ModeChoice({ modes, mode, onMode }: ModeChoiceProps) {
  return (
    <fieldset className="field">
      <legend className="field-label">{en.start.mode}</legend>
      <div className="mode-row">
        {modes.map((one) => (
          <label key={one} className="mode-choice">
            <input
              type="radio"
              name="mode"
              value={one}
              checked={one === mode}
              onChange={() => onMode(one)}
            />
            <span title={en.session.modeHints[one]}>{en.session.modes[one]}</span>
          </label>
        ))}
      </div>
      <p className="field-hint" role="status">
        {en.session.modeHints[mode]}
      </p>
    </fieldset>
  );
}
