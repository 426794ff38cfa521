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
      <div className="modes">
        {modes.map((one) => (
          <label key={one} className="mode-choice">
            <input
              type="radio"
              name="mode"
              value={one}
              checked={one === mode}
              onChange={() => onMode(one)}
            />
            <span>
              {en.session.modes[one]}
              <span className="field-hint">{en.session.modeHints[one]}</span>
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
