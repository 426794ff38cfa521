import type { SessionState } from '../../../src/protocol/session/state.ts';
import type { AgentOption } from '../../../src/protocol/transcript/content.ts';
import { useHost, useWorld } from '../../state/host-context.tsx';
import { en } from '../../strings/en.ts';
import { takesOption } from '../sessions/takes-settings.ts';
import '../../ui/field.css';
import './side-panel.css';

const t = en.side;
const whole = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });

/** The agent's own settings: its model, its effort. */
export function AgentOptions({ state }: { readonly state: SessionState }) {
  const isUp = useHost((host) => host.link.kind === 'up');
  return state.options.map((option) => (
    <OptionView
      key={option.id}
      option={option}
      state={state}
      disabled={!isUp || !takesOption(state)}
    />
  ));
}

/** The same, only told: for who may not change them. */
export function AgentOptionWords({ state }: { readonly state: SessionState }) {
  return state.options.map(({ id, name, current, values }) => (
    <div key={id}>
      <dt>{name}</dt>
      <dd>
        {typeof current === 'boolean'
          ? current
            ? t.on
            : t.off
          : (values.find(({ value }) => value === current)?.name ?? current)}
      </dd>
    </div>
  ));
}

function OptionView({
  option,
  state,
  disabled,
}: {
  readonly option: AgentOption;
  readonly state: SessionState;
  readonly disabled: boolean;
}) {
  const { acts } = useWorld();
  const set = (value: string | boolean): void => void acts.setOption(state.id, option.id, value);
  if (typeof option.current === 'boolean' || option.values.length === 0)
    return (
      <label className="tick" title={option.description}>
        <input
          type="checkbox"
          checked={option.current === true}
          disabled={disabled}
          onChange={(event) => set(event.target.checked)}
        />
        <span>{option.name}</span>
      </label>
    );
  return (
    <label className="field">
      <span className="field-label">{option.name}</span>
      <select
        className="select"
        value={option.current}
        disabled={disabled}
        title={option.description}
        onChange={(event) => set(event.target.value)}
      >
        {!option.values.some(({ value }) => value === option.current) && (
          <option value={option.current}>{option.current}</option>
        )}
        {option.values.map(({ value, name, description }) => (
          <option key={value} value={value} title={description}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

export function Usage({ state }: { readonly state: SessionState }) {
  const { usage } = state;
  if (usage === null) return null;
  return (
    <div className="usage">
      <span className="field-label" id="usage-label">
        {t.usage}
      </span>
      {usage.size > 0 && (
        <meter
          aria-labelledby="usage-label"
          min={0}
          max={usage.size}
          value={Math.min(usage.used, usage.size)}
        />
      )}
      <span className="usage-words">
        {usage.size > 0
          ? t.usageOf(whole.format(usage.used), whole.format(usage.size))
          : whole.format(usage.used)}
      </span>
      {usage.cost !== undefined && (
        <span className="usage-words">
          {t.cost}: {money(usage.cost)}
        </span>
      )}
    </div>
  );
}

function money({ amount, currency }: { amount: number; currency: string }): string {
  try {
    return new Intl.NumberFormat(undefined, { style: 'currency', currency }).format(amount);
  } catch {
    // An agent's own unit, such as credits.
    return `${amount} ${currency}`;
  }
}
